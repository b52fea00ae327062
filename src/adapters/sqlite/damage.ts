import { dirname, join } from 'node:path'
import { Damaged } from '../../ports/store-damaged.ts'
import { shellQuote } from '../../lib/shell.ts'
import type { Backup } from '../../ports/store.ts'
import { damageInCopy } from './integrity.ts'

/** What is wrong, where, and the commands that mend it, with the newest backup that is whole. */
export function damaged(
  path: string,
  what: string,
  backups: readonly Backup[],
  cause?: unknown,
): Damaged {
  const good = backups.find((backup) => damageInCopy(backup.path) === null)
  const remedy = good ? goingOnFrom(path, good) : beginningAnew(path, backups)
  const lines = [`${path} is damaged: ${what}`, ...remedy, '    Then start the server again.']
  return new Damaged(lines.join('\n'), cause === undefined ? {} : { cause })
}

const goingOnFrom = (path: string, { path: backup, at }: Backup): readonly string[] => [
  `  → its last good backup is ${backup}, of ${new Date(at).toISOString()}. To go on from there:`,
  ...movingAway(path, `${shellQuote(path)}*`),
  `      cp -p ${shellQuote(backup)} ${shellQuote(path)}`,
]

/** The hub is not touched: what was merged is not lost with the database. */
const beginningAnew = (path: string, backups: readonly Backup[]): readonly string[] => [
  `  → ${backups.length === 0 ? 'there is no backup yet' : 'none of its backups is whole'}. To begin the run anew on what has been merged so far:`,
  ...movingAway(
    path,
    `${shellQuote(path)}*${backups.length === 0 ? '' : ` ${shellQuote(join(dirname(path), 'backups'))}`}`,
  ),
]

/** The database moves together with its log: a log that belongs to another file would be written into it. */
function movingAway(path: string, what: string): readonly string[] {
  const away = shellQuote(
    join(dirname(path), `damaged-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`),
  )
  return [`      mkdir ${away}`, `      mv ${what} ${away}/`]
}
