import { setImmediate as turn } from 'node:timers/promises'
import { backup, type DatabaseSync } from 'node:sqlite'

/** SQLITE_OK in sqlite3.h. */
const sqliteOk = 0

/** Pages copied at once while commits wait: less than a millisecond. */
const pagesAtOnce = 100

/** Commits are short: one that is met each time, turn after turn, is none of ours. */
const patience = 1_000

/**
 * Copies the database while it goes on committing. A thread does it; when that begins in the middle of a commit, Node takes the refusal
 * (SQLITE_BUSY, nothing copied yet) for a failure without a reason: "not an error".
 */
export async function copy(database: DatabaseSync, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await backup(database, path, { rate: pagesAtOnce })
      return
    } catch (error) {
      const cameAmidACommit =
        error instanceof Error && 'errcode' in error && error.errcode === sqliteOk
      if (!cameAmidACommit || tries >= patience) throw error
      await turn()
    }
  }
}
