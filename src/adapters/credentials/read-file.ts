import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type ReadFile = { readonly ok: true; readonly text: string } | Refusal

export interface Refusal {
  readonly ok: false
  readonly what: string
  readonly remedy: string
  /** The file does not exist, so its last value is dropped as well. */
  readonly isGone?: true
}

const largest = 64 * 1024

/** Checks the opened file, not its path, so that what is checked is what is read. */
export async function readPrivateFile(path: string): Promise<ReadFile> {
  try {
    // Without O_NONBLOCK a named pipe in the directory would keep the server from starting.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      return refuse('is not a regular file', 'name only files in "claudeConfigs"')
    if ((mode & 0o077) !== 0)
      return refuse(
        `can be read or written by others (mode ${octal(mode)})`,
        `run: chmod 600 '${path}'`,
      )
    if (size > largest)
      return refuse(
        `is larger than a credential file (${size} bytes)`,
        'name only credential files in "claudeConfigs"',
      )
    const text = await file.readFile('utf8')
    return text.trim() === ''
      ? refuse('is empty', 'write the credential into it, or remove it')
      : { ok: true, text }
  } catch (error) {
    const refusal = refuse(
      `cannot be read (${codeOf(error)})`,
      'give the user that runs the server the right to read it, or leave it out of the glob',
    )
    return codeOf(error) === 'ENOENT' ? { ...refusal, isGone: true } : refusal
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

const refuse = (what: string, remedy: string): Refusal => ({ ok: false, what, remedy })
