import { dirname, join } from 'node:path'
import { Damaged } from '../../ports/store-damaged.ts'
import { shellQuote } from '../../lib/shell.ts'
import type { Backup } from '../../ports/store.ts'
import { damageInCopy } from './integrity.ts'

/** Names the damage, its place and the commands that repair it with the newest intact backup. */
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

/** The hub is not touched: merged work is not lost with the database. */
const beginningAnew = (path: string, backups: readonly Backup[]): readonly string[] => [
  `  → ${backups.length === 0 ? 'there is no backup yet' : 'none of its backups is whole'}. ` +
    'To restart the run from what has been merged so far:',
  ...movingAway(
    path,
    `${shellQuote(path)}*${backups.length === 0 ? '' : ` ${shellQuote(join(dirname(path), 'backups'))}`}`,
  ),
]

/** The database is moved together with its log: a log of another file would be written into it. */
function movingAway(path: string, what: string): readonly string[] {
  const away = shellQuote(
    join(dirname(path), `damaged-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`),
  )
  return [`      mkdir ${away}`, `      mv ${what} ${away}/`]
}
