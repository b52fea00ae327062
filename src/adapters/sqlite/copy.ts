import { setImmediate as turn } from 'node:timers/promises'
import { backup, type DatabaseSync } from 'node:sqlite'

/** SQLITE_OK in sqlite3.h. */
const sqliteOk = 0

/** Pages copied in one step, while commits wait: less than a millisecond. */
const pagesAtOnce = 100

/** Our commits are short: a lock met in every step is held by another process. */
const patience = 1_000

/**
 * Copies the database while commits go on. A thread does it. When that starts in the middle of a
 * commit, Node reports the refusal (SQLITE_BUSY, nothing copied yet) as a failure without a reason:
 * "not an error".
 */
export async function copy(database: DatabaseSync, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await backup(database, path, { rate: pagesAtOnce })
      return
    } catch (error) {
      const wasDuringCommit =
        error instanceof Error && 'errcode' in error && error.errcode === sqliteOk
      if (!wasDuringCommit || tries >= patience) throw error
      await turn()
    }
  }
}
