import { chmod, constants, lstat, open, readdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** A directory in which a hostile process may do anything, at any moment. */
export interface UntrustedDirectory {
  /** Only the server can write this directory and what leads to it. */
  readonly root: string
  /** The way from the root, as in `home/.claude`; empty for the root itself. */
  readonly below: string
  /** The user whose files are read; a file of another user is ignored. */
  readonly uid: number
}

interface Beginning {
  readonly text: string
  readonly modifiedMs: number
  readonly isWhole: boolean
}

/**
 * Opens the directory part by part, each below the open one before it and none through a link. What
 * is open stays the same directory, so no part can be exchanged between the check and the use. Null
 * when a part is absent or no directory. The caller closes it.
 */
export const openUntrusted = (directory: UntrustedDirectory): Promise<FileHandle | null> =>
  openParts(directory, openDirectory)

/** Opens the directory in the same way, and regains the rights in each part of it before. */
export const openRegained = (directory: UntrustedDirectory): Promise<FileHandle | null> =>
  openParts(directory, async (path) => {
    await regainRights(path)
    return openDirectory(path)
  })

async function openParts(
  { root, below }: UntrustedDirectory,
  openPart: (path: string) => Promise<FileHandle | null>,
): Promise<FileHandle | null> {
  let directory = await openPart(root)
  for (const name of below.split('/').filter((part) => part !== '')) {
    if (directory === null) return null
    await using parent = directory
    directory = await openPart(within(parent, name))
  }
  return directory
}

const openDirectory = (path: string): Promise<FileHandle | null> =>
  open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(() => null)

/** Of Linux: opens without any right to what is opened, and gives none but to look at it. */
const O_PATH = 0o10000000
const ownersRights = 0o700

/**
 * Gives the server back the rights in a directory of its own user. Instances of a server that is
 * not root are that user, so they can take these rights away; root needs none. A directory of
 * another user stays as it is, and so does what a link leads to. A failure shows when the directory
 * is used.
 */
export async function regainRights(path: string): Promise<void> {
  const ourselves = process.getuid?.()
  if (ourselves === 0) return
  const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const directory = await open(path, flags).catch(() => null)
  if (directory === null) return
  await using _closing = directory
  const { uid, mode } = await directory.stat()
  if (uid !== ourselves || (mode & ownersRights) === ownersRights) return
  await chmod(pathOf(directory), (mode & 0o7777) | ownersRights).catch(() => undefined)
}

/** The path of a file in an open directory, whatever happens to the directory's own path. */
export const within = (directory: FileHandle, name: string): string =>
  `${pathOf(directory)}/${name}`

/** A path that leads to the open directory, whatever happens to its own path. */
export const pathOf = (directory: FileHandle): string => `/proc/self/fd/${directory.fd}`

/**
 * Reads the first bytes of a file, at most `limit`. Only a regular file of the directory's user is
 * read, and no link to one. Null when there is no such file.
 */
export async function readUntrusted(
  directory: UntrustedDirectory,
  name: string,
  limit: number,
): Promise<Beginning | null> {
  await using opened = await openUntrusted(directory)
  return opened === null ? null : await readWithin(opened, name, { limit, uid: directory.uid })
}

/** As `readUntrusted`, in a directory that is open. */
export async function readWithin(
  directory: FileHandle,
  name: string,
  { limit, uid }: { limit: number; uid: number },
): Promise<Beginning | null> {
  const file = await open(
    within(directory, name),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => null)
  if (file === null) return null
  await using _closing = file
  const found = await file.stat()
  if (!found.isFile() || found.uid !== uid) return null
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
}

/** Further files are ignored, which bounds the cost of one reading. */
const MOST_FILES = 32

/** Reads the wanted files of the directory; none when the directory cannot be opened. */
export async function readAllUntrusted(
  directory: UntrustedDirectory,
  isWanted: (name: string) => boolean,
  limit: number,
): Promise<readonly (Beginning & { readonly name: string })[]> {
  await using opened = await openUntrusted(directory)
  if (opened === null) return []
  const names = await readdir(pathOf(opened)).catch(() => [])
  const wanted = names.filter(isWanted).slice(0, MOST_FILES)
  const files = await Promise.all(
    wanted.map(async (name) => ({
      name,
      file: await readWithin(opened, name, { limit, uid: directory.uid }),
    })),
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
