import type { Git } from '../command/git.ts'

interface Blob {
  readonly object: string
  readonly size: number
}

/** Of one process: half of what git may print. */
const mostBytes = 32 * 1024 ** 2

/** The contents by object, in as few processes as their sizes allow. */
export async function readBlobs(
  git: Git,
  blobs: readonly Blob[],
): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  for (const part of parts(blobs)) {
    const input = part.map(({ object }) => `${object}\n`).join('')
    const { stdout } = await git(['cat-file', '--batch=%(objectname)'], { input })
    let at = 0
    for (const { object, size } of part) {
      const begin = at + object.length + 1
      if (stdout.toString('latin1', at, begin) !== `${object}\n`)
        throw new Error(`git did not print the content of ${object}`)
      contents.set(object, stdout.subarray(begin, begin + size))
      at = begin + size + 1
    }
  }
  return contents
}

function parts(blobs: readonly Blob[]): readonly (readonly Blob[])[] {
  const all: Blob[][] = []
  let room = -1
  for (const blob of blobs) {
    room -= blob.size
    if (room < 0) {
      all.push([])
      room = mostBytes - blob.size
    }
    all.at(-1)?.push(blob)
  }
  return all
}
