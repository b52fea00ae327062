import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'

// Programs of the instance can put anything in the place of a file: opening a pipe as usual would
// stop this program for ever.

/** What a file holds; null when it is gone, has more than this many bytes, or is no file. */
export function readFile(path: string, bytes: number): Buffer | null {
  try {
    return withOpen(path, constants.O_RDONLY, (file) => {
      const found = fstatSync(file)
      return found.isFile() && found.size <= bytes ? readFileSync(file) : null
    })
  } catch {
    return null
  }
}

/** Makes or overwrites it. Throws where it cannot be written. */
export function writeFile(path: string, content: Buffer | string): void {
  withOpen(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, (file) =>
    writeFileSync(file, content),
  )
}

function withOpen<Result>(path: string, flags: number, use: (file: number) => Result): Result {
  const file = openSync(path, flags | constants.O_NONBLOCK)
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}
