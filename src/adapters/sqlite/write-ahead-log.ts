import { readFileSync } from 'node:fs'

/** https://sqlite.org/fileformat2.html#walformat: a header, then frames of a header and a page. */
const headerBytes = 32
const frameHeaderBytes = 24

type Sum = readonly [number, number]

/**
 * Whether SQLite would silently lose commits that this log holds: it stops reading at the first
 * frame with a wrong checksum. A frame that a crash tore is the end of the log. If frames follow a
 * commit, that commit was acknowledged, and damage has cut it off.
 */
export function losesCommits(path: string): boolean {
  const log = readFileSync(path)
  if (log.length < headerBytes + frameHeaderBytes) return false
  const read = (log.readUInt32BE(0) & 1) === 1 ? readBig : readLittle
  let sum = sumOf(log.subarray(0, 24), [0, 0], read)
  // The header is on the disk before the first frame is written.
  if (!isSum(sum, log, 24)) return true
  const salt = log.subarray(16, 24)
  const size = frameHeaderBytes + log.readUInt32BE(8)
  let isCutOff = false
  let isBehindCommit = false

  for (let at = headerBytes; at + size <= log.length; at += size) {
    // After the last frame of this round there may be frames of the previous one, with another
    // salt.
    const isOfThisRound = log.subarray(at + 8, at + 16).equals(salt)
    sum = sumOf(
      log.subarray(at + frameHeaderBytes, at + size),
      sumOf(log.subarray(at, at + 8), sum, read),
      read,
    )
    const isWhole = isOfThisRound && isSum(sum, log, at + 16)
    if (isWhole && isCutOff && isBehindCommit) return true
    if (!isWhole) isCutOff = true
    // The next frame's checksum continues from the one stored in this frame.
    sum = [log.readUInt32BE(at + 16), log.readUInt32BE(at + 20)]
    isBehindCommit = log.readUInt32BE(at + 4) !== 0
  }
  return false
}

const isSum = ([one, two]: Sum, log: Buffer, at: number): boolean =>
  log.readUInt32BE(at) === one && log.readUInt32BE(at + 4) === two

type ReadWord = (bytes: Buffer, at: number) => number
const readLittle: ReadWord = (bytes, at) => bytes.readUInt32LE(at)
const readBig: ReadWord = (bytes, at) => bytes.readUInt32BE(at)

function sumOf(bytes: Buffer, [first, second]: Sum, read: ReadWord): Sum {
  let [one, two] = [first, second]
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + read(bytes, at) + two) >>> 0
    two = (two + read(bytes, at + 4) + one) >>> 0
  }
  return [one, two]
}
