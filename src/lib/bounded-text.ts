import type { Readable } from 'node:stream'

/** The first `limit` bytes of a stream as text. The stream is read to its end. */
export async function headOf(stream: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < limit) chunks.push(chunk)
    size += chunk.length
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8')
}

/** Keeps the last `limit` bytes of what is pushed. */
export function createTail(limit: number) {
  let kept = Buffer.alloc(0)
  return {
    push(chunk: Buffer): void {
      kept = Buffer.concat([kept, chunk]).subarray(-limit)
    },
    text: (): string => kept.toString('utf8'),
  }
}
