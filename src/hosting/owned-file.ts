import { randomUUID } from 'node:crypto'
import { constants, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { discard } from './discard.ts'
import { openRegained, regainRights, within, type UntrustedDirectory } from './untrusted-file.ts'

/** The user who may read and write the files that the server prepares for an instance. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Creates a private directory of the owner in an existing directory. What already lies at the path
 * must be a directory, not a link to one. Rights in it that its owner lacks come back.
 */
export async function ensureDirectory(path: string, owner: Owner): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!isTaken(error)) throw new Error(`making ${path} failed`, { cause: error })
  })
  await regainRights(path)
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

/**
 * Creates the missing parts of an instance's directory. What the instance has put in the way, such
 * as a link or a file, is left as it is: the directory then stays absent. On the way to it, the
 * server regains its rights.
 */
export async function ensureBelow(
  { root, below, uid }: UntrustedDirectory,
  owner: Owner,
): Promise<void> {
  const parts = below.split('/')
  for (const [index, name] of parts.entries()) {
    await using parent = await openRegained({ root, below: parts.slice(0, index).join('/'), uid })
    if (parent === null) return
    const isNew = await mkdir(within(parent, name), { mode: 0o700 }).then(
      () => true,
      (error: unknown) => {
        if (isTaken(error)) return false
        throw new Error(`making ${join(root, below)} failed`, { cause: error })
      },
    )
    if (isNew) await ensureDirectory(within(parent, name), owner)
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST'

/**
 * Writes a private file of the owner and moves it into place whole. It is written in `staging`,
 * which only the server can write, so that nothing in a hostile target directory is ever opened: a
 * rename replaces a link instead of following it. A directory in the way is removed.
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
    await replace(draft, path, staging)
  } catch (error) {
    await rm(draft, { force: true })
    throw new Error(`writing ${path} failed`, { cause: error })
  }
}

/**
 * Renames over whatever is at the target. A directory is first moved to `staging`, because no
 * rename replaces one by a file.
 */
async function replace(draft: string, path: string, staging: string): Promise<void> {
  try {
    await rename(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EISDIR')) throw error
    const obstacle = join(staging, `.${randomUUID()}`)
    await rename(path, obstacle)
    await discard(obstacle)
    await rename(draft, path)
  }
}
