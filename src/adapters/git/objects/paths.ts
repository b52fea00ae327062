/** A person reads no more of a conflict. Linux refuses arguments of more than 2 MiB (E2BIG). */
const most = { paths: 200, bytes: 64 * 1024 }

/** As many of the paths as one command takes as arguments; none where the first one is too long. */
export function firstPaths(paths: readonly string[]): readonly string[] {
  let bytes = 0
  const first = paths.slice(0, most.paths)
  const end = first.findIndex((path) => {
    bytes += Buffer.byteLength(path) + 1
    return bytes > most.bytes
  })
  return end < 0 ? first : first.slice(0, end)
}
