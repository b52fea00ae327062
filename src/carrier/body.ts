import type { IncomingMessage } from 'node:http'

/** What has come of a body, up to a number of bytes; the rest is read and dropped. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = most
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (left > 0) chunks.push(chunk.subarray(0, left))
    left -= chunk.length
  }
  return Buffer.concat(chunks)
}
