import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type ReadFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

const refuse = (what: string, remedy: string): ReadFile => ({ ok: false, what, remedy })

/** Checks the opened file, not its path. `isSecret`: no other user may have access to it. */
export async function readOperatorFile(
  path: string,
  { isSecret, largest }: { readonly isSecret: boolean; readonly largest: number },
): Promise<ReadFile> {
  try {
    // Without O_NONBLOCK a named pipe would keep the server from starting.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      return refuse('is not a regular file', 'name a file')
    if (isSecret && (mode & 0o077) !== 0)
      return refuse(`can be read or written by others`, `run: chmod 600 '${path}'`)
    if (size > largest) return refuse(`is larger than ${largest} bytes`, 'name a smaller file')
    return { ok: true, text: await file.readFile('utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return code === 'ENOENT'
      ? refuse('is not there', 'write the file, or correct its path')
      : refuse(
          `cannot be read (${code})`,
          'give the user that runs the server the right to read it',
        )
  }
}
