import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Secret } from './deps.ts'
import { answerHeaders } from './headers.ts'
import type { Meter } from './meter.ts'
import type { Refusal } from './model-error.ts'

/**
 * Streams an answer as fast as the instance reads it. Rejects when either side went away: the other is closed by then,
 * and the answer is as incomplete for the instance as it was for us.
 */
export async function deliver(
  response: IncomingMessage,
  to: ServerResponse,
  secret: Secret,
  meter: Meter | null,
): Promise<void> {
  to.writeHead(response.statusCode ?? 502, answerHeaders(response.headers, secret))
  to.flushHeaders()
  // It looks on as the chunks pass, which costs no buffer of its own and keeps the back-pressure.
  if (meter !== null) response.on('data', (chunk: Buffer) => meter.read(chunk))
  await pipeline(response, to)
}

/** As it is, but for a provider that repeats the secret in what it says. */
export function deliverRefusal(
  { status, headers, body }: Refusal,
  to: ServerResponse,
  secret: Secret,
): void {
  const told = body.includes(secret.value)
    ? Buffer.from(body.toString().replaceAll(secret.value, '[credential]'))
    : body
  to.writeHead(status, { ...answerHeaders(headers, secret), 'content-length': told.length })
  to.end(told)
}
