import { randomUUID } from 'node:crypto'
import { constants, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The user who may read and write the files that the server prepares for an instance. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Creates a private directory of the owner in an existing directory. What already lies at the path
 * must be a directory, not a link to one.
 */
export async function ensureDirectory(path: string, owner: Owner): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!isTaken(error)) throw new Error(`making ${path} failed`, { cause: error })
  })
  const directory = await open(
    path,
    constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
  )
  try {
    await directory.chown(owner.uid, owner.gid)
    await directory.chmod(0o700)
  } finally {
    await directory.close()
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST'

/**
 * Writes a private file of the owner and moves it into place whole. It is written in `staging`,
 * which only the server can write, so that nothing in a hostile target directory is ever opened: a
 * rename replaces a link instead of following it.
 */
export async function placeFile(
  path: string,
  text: string,
  { staging, owner }: { staging: string; owner: Owner },
): Promise<void> {
  const draft = join(staging, `.${randomUUID()}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.chown(owner.uid, owner.gid)
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw new Error(`writing ${path} failed`, { cause: error })
  }
}
