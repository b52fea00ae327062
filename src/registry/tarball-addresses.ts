import { Transform, type TransformCallback } from 'node:stream'

/**
 * Replaces the registry's address by ours where metadata names a tarball. Works on the stream of
 * bytes: metadata of one package can have tens of megabytes.
 */
export function replaceTarballAddresses(registry: URL, ours: string): Transform {
  const address = `//${registry.host}${registry.pathname}`
  const before = String.raw`"tarball"\s{0,16}:\s{0,16}"`
  // JSON may write a slash with a backslash before it.
  const escaped = address.split('/').map(quoted).join(String.raw`\\?/`)
  const shape = new RegExp(`(${before})https?:${escaped}`, 'g')
  const longestMatch = 9 + 1 + 32 + 1 + 'https:'.length + 2 * address.length
  let held = ''

  const push = (stream: Transform, chunk: string, hold: number): void => {
    const text = held + chunk
    let done = 0
    for (const match of text.matchAll(shape)) {
      stream.push(text.slice(done, match.index) + (match[1] ?? '') + ours, 'latin1')
      done = match.index + match[0].length
    }
    // The start of an address may be at the end.
    const end = Math.max(done, text.length - hold)
    stream.push(text.slice(done, end), 'latin1')
    held = text.slice(end)
  }

  return new Transform({
    // Each byte is one character, so that a cut never falls into one.
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      push(this, chunk.toString('latin1'), longestMatch)
      done()
    },
    flush(done: TransformCallback) {
      push(this, '', 0)
      done()
    },
  })
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\-]/g, String.raw`\$&`)
