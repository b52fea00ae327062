import { constants, lstat, open, readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

interface Beginning {
  readonly text: string
  readonly modifiedMs: number
  readonly isWhole: boolean
}

/**
 * Reads the first bytes of a file in a directory that a hostile process may write. No link at the
 * end of the path or on the way is followed, and only a regular file is read. Null when there is no
 * such file.
 */
export async function readUntrusted(path: string, limit: number): Promise<Beginning | null> {
  if (!(await isItself(dirname(path)))) return null
  const file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => null)
  if (file === null) return null
  try {
    const found = await file.stat()
    if (!found.isFile()) return null
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.min(limit, found.size)),
      0,
      null,
      0,
    )
    return {
      text: buffer.toString('utf8', 0, bytesRead),
      modifiedMs: found.mtimeMs,
      isWhole: found.size <= limit,
    }
  } finally {
    await file.close()
  }
}

/** True for a directory that is reached without a link: it lies where its path says. */
export async function isItself(directory: string): Promise<boolean> {
  return realpath(directory).then(
    (real) => real === directory,
    () => false,
  )
}

/** Further files are ignored, which bounds the cost of one reading. */
const MOST_FILES = 32

/**
 * The files in a directory that a hostile process may write; none when it is absent, or not where
 * its path says.
 */
export async function readAllUntrusted(
  directory: string,
  isWanted: (name: string) => boolean,
  limit: number,
): Promise<readonly (Beginning & { readonly name: string })[]> {
  const names = (await isItself(directory)) ? await readdir(directory).catch(() => []) : []
  const wanted = names.filter(isWanted).slice(0, MOST_FILES)
  const files = await Promise.all(
    wanted.map(async (name) => ({ name, file: await readUntrusted(join(directory, name), limit) })),
  )
  return files.flatMap(({ name, file }) => (file === null ? [] : [{ name, ...file }]))
}

/** True when anything is at the path, even a dangling link. */
export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
