import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keepNames, writeWhole } from '../adapters/system/state-directory.ts'
import type { SessionFile } from '../http/access/sessions.ts'

/** The file of a state directory that keeps the logins of browsers, readable by its user only. */
export function sessionFileIn(directory: string): SessionFile {
  const path = join(directory, 'sessions.json')
  return {
    read() {
      try {
        return readFileSync(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
        throw new Error(`reading ${path} failed`, { cause: error })
      }
    },
    write(text) {
      try {
        writeWhole(path, text)
        return null
      } catch (error) {
        // Needs no space, so that a full disk does not bring back who was logged out.
        rmSync(path, { force: true })
        keepNames(directory)
        return new Error(`writing ${path} failed`, { cause: error })
      }
    },
  }
}
