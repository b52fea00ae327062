import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Secret } from './deps.ts'
import { answerHeaders } from './headers.ts'
import type { Meter } from './meter.ts'
import type { Refusal } from './model-error.ts'

/**
 * Streams an answer as fast as the instance reads it. Rejects when either side disconnects; the
 * other side is closed then, so the instance sees the same incomplete answer.
 */
export async function deliver(
  response: IncomingMessage,
  to: ServerResponse,
  secret: Secret,
  meter: Meter | null,
): Promise<void> {
  to.writeHead(response.statusCode ?? 502, answerHeaders(response.headers, secret))
  to.flushHeaders()
  // Listening to the chunks that `pipeline` moves needs no buffer and keeps the back-pressure.
  if (meter !== null) response.on('data', (chunk: Buffer) => meter.read(chunk))
  await pipeline(response, to)
}

/** Unchanged, unless the provider repeats the secret in the body. */
export function deliverRefusal(
  { status, headers, body }: Refusal,
  to: ServerResponse,
  secret: Secret,
): void {
  const redacted = body.includes(secret.value)
    ? Buffer.from(body.toString().replaceAll(secret.value, '[credential]'))
    : body
  to.writeHead(status, { ...answerHeaders(headers, secret), 'content-length': redacted.length })
  to.end(redacted)
}
