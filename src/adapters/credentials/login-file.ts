import { randomUUID } from 'node:crypto'
import { access, constants, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { dirname, join } from 'node:path'

/** Suffix of the file beside a login that keeps its content from before the last renewal. */
export const previousEnding = '.previous'

export async function canBeReplaced(path: string): Promise<boolean> {
  return access(dirname(await realpath(path).catch(() => path)), constants.W_OK).then(
    () => true,
    () => false,
  )
}

/**
 * Writes a renewed login into the operator's file. The text is complete on the disk before it
 * replaces the old one, which stays beside it.
 */
export async function writeLogin(path: string, text: string): Promise<void> {
  try {
    const file = await realpath(path)
    const found = await stat(file)
    await replace(`${file}${previousEnding}`, await readFile(file, 'utf8'), found)
    await replace(file, `${text}\n`, found)
  } catch (error) {
    throw new Error(
      `writing the renewed login into ${path} failed. Let the user that runs the server ` +
        'write its directory',
      {
        cause: error,
      },
    )
  }
}

async function replace(path: string, text: string, { uid, gid }: Stats): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(text)
    // A user other than root can only read a private file that is its own already.
    if (process.getuid?.() === 0) await file.chown(uid, gid)
    await file.sync()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
