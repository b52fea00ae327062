import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'

/**
 * What a ref of a repository names, read from git's own files without a process: a file of the
 * ref's name, or else its line in `packed-refs` (gitrepository-layout(5)). Null when there is no
 * such ref. `unclear` for whatever else is there, such as a symbolic ref or what a power cut left:
 * git must be asked.
 */
export async function readRef(git: Git, ref: string): Promise<Commit | null | 'unclear'> {
  if (!isPlain(ref)) return 'unclear'
  const loose = await readSmall(join(git.directory, ref), longestRef)
  if (loose === 'unclear') return 'unclear'
  if (loose !== 'absent') return parseLoose(loose.text)
  // In this order: git packs a ref before it removes the file.
  const packed = await readPacked(git)
  if (packed === 'unclear') return 'unclear'
  const line = packed.find((each) => each.endsWith(` ${ref}`))
  if (line !== undefined) return Commit(line.slice(0, line.indexOf(' ')))
  return (await keepsFiles(git)) ? null : 'unclear'
}

/** True when the repository certainly has no ref below `prefix`, which ends with a slash. */
export async function hasNoneBelow(git: Git, prefix: string): Promise<boolean> {
  if (!isPlain(prefix.slice(0, -1))) return false
  const loose = await readdir(join(git.directory, prefix)).catch((error: unknown) => codeOf(error))
  if (loose !== 'ENOENT' && loose.length > 0) return false
  const packed = await readPacked(git)
  if (packed === 'unclear' || packed.some((line) => line.includes(` ${prefix}`))) return false
  return keepsFiles(git)
}

/** A repository in the format `reftable` has a file of this name. */
const keepsFiles = ({ directory }: Git): Promise<boolean> =>
  stat(join(directory, 'refs/heads')).then(
    (found) => found.isDirectory(),
    () => false,
  )

async function readPacked({ directory }: Git): Promise<readonly string[] | 'unclear'> {
  const found = await readSmall(join(directory, 'packed-refs'), longestPacked)
  if (found === 'unclear') return 'unclear'
  const text = found === 'absent' ? '' : found.text
  const lines = text.split('\n').filter((line) => line !== '' && !/^[#^]/.test(line))
  return lines.every((line) => packedRef.test(line)) ? lines : 'unclear'
}

type Found = { readonly text: string } | 'absent' | 'unclear'

/** Of a file with at most this many bytes. Never waits for a pipe. */
async function readSmall(path: string, bytes: number): Promise<Found> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'absent' : 'unclear'
  }
  try {
    const found = await file.stat()
    if (!found.isFile() || found.size > bytes) return 'unclear'
    return { text: await file.readFile('utf8') }
  } catch {
    return 'unclear'
  } finally {
    await file.close()
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'

const parseLoose = (text: string): Commit | 'unclear' =>
  wholeRef.test(text) ? Commit(text.trimEnd()) : 'unclear'

const isPlain = (ref: string): boolean => ref.startsWith('refs/') && !/\.\.|\/\/|\0/.test(ref)

const wholeRef = /^(?:[0-9a-f]{40}|[0-9a-f]{64})\n$/
const packedRef = /^(?:[0-9a-f]{40}|[0-9a-f]{64}) refs\//

/** Any ref is shorter, unless it is symbolic. */
const longestRef = 128
/** About ten thousand refs; git finds one of more without reading them all. */
const longestPacked = 1024 ** 2
