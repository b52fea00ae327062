import type { Duplex } from 'node:stream'

/** What was looked for, or how many bytes in all the next look needs. */
export type Look<Found> = (
  bytes: Buffer,
) => { readonly found: Found } | { readonly atLeast: number }

export class PeekEnded extends Error {}
export class PeekTimedOut extends Error {}

/**
 * Reads as much as `look` needs and puts it back, so that the stream begins with it again. The
 * bound on what is kept is that of `look`. Rejects when the stream ends or takes too long.
 */
export async function peek<Found>(
  stream: Duplex,
  look: Look<Found>,
  timeoutMs: number,
): Promise<Found> {
  const { promise, resolve, reject } = Promise.withResolvers<Found>()
  const chunks: Buffer[] = []
  let bytes = 0
  let atLeast = 1
  const read = (): void => {
    for (let chunk = next(stream); chunk !== null; chunk = next(stream)) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes < atLeast) continue
      const seen = look(Buffer.concat(chunks))
      if ('found' in seen) return resolve(seen.found)
      atLeast = Math.max(seen.atLeast, bytes + 1)
    }
  }
  const end = (): void => reject(new PeekEnded('the connection ended'))
  const deadline = setTimeout(() => reject(new PeekTimedOut('it took too long')), timeoutMs)
  stream.on('readable', read).once('end', end).once('close', end).once('error', reject)
  try {
    read()
    return await promise
  } finally {
    clearTimeout(deadline)
    stream.off('readable', read).off('end', end).off('close', end).off('error', reject)
    if (bytes > 0 && !stream.destroyed && !stream.readableEnded)
      stream.unshift(Buffer.concat(chunks))
  }
}

const next = (stream: Duplex): Buffer | null => stream.read() as Buffer | null
