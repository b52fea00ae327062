import type { IncomingMessage } from 'node:http'
import { refuse } from '../lib/refuse.ts'

export interface Body {
  readonly chunks: readonly Buffer[]
  readonly bytes: number
}

/** Reads a whole body. Calls `hold` before it keeps a piece; `hold` may throw. */
export async function readBody(
  message: IncomingMessage,
  limit: number,
  hold: (bytes: number) => void = () => {},
): Promise<Body> {
  const tooLarge = () => refuse(413, `the body is larger than ${limit} bytes`)
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  // Destroying the request would close the connection that the refusal is sent on.
  const pieces = message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of pieces) {
    bytes += chunk.length
    if (bytes > limit) throw tooLarge()
    hold(chunk.length)
    chunks.push(chunk)
  }
  return { chunks, bytes }
}
