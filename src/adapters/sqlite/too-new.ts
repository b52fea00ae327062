import { DatabaseSync } from 'node:sqlite'
import { dirname, join } from 'node:path'
import { shellQuote } from '../../lib/shell.ts'
import type { Backup } from '../../ports/store.ts'
import { schemaVersion, schemaVersionOf } from './migrations.ts'
import type { TooNew } from './unreadable.ts'
import { versionOf } from './upcasters.ts'

/** The refusal of a database that a newer server wrote, with both ways out. */
export function tooNew(path: string, reason: TooNew, backups: readonly Backup[]): Error {
  const lines = [
    `${path}: the database was written by a newer server (${reason.message})`,
    '  → update the server; or, to go on from a time before the newer server:',
    ...wayBack(path, backups.find(isOfThisVersion)),
  ]
  return new Error(lines.join('\n'), { cause: reason })
}

function wayBack(path: string, backup: Backup | undefined): readonly string[] {
  if (!backup) return ['    there is no backup that this server can read']
  const away = shellQuote(join(dirname(path), 'of-a-newer-server'))
  return [
    `    restore the backup of ${new Date(backup.at).toISOString()}:`,
    `      mkdir ${away}`,
    `      mv ${shellQuote(path)}* ${away}/`,
    `      cp -p ${shellQuote(backup.path)} ${shellQuote(path)}`,
  ]
}

/** A newer server copies the database before it changes the schema. */
function isOfThisVersion({ path }: Backup): boolean {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return schemaVersionOf(database) <= schemaVersion && hasKnownDocuments(database)
  } catch {
    return false
  } finally {
    database.close()
  }
}

/** True when no document has a version above that of this server; older schemas have none. */
function hasKnownDocuments(database: DatabaseSync): boolean {
  if (schemaVersionOf(database) < 3) return true
  const rows = database.prepare('SELECT kind, max(version) AS version FROM entity GROUP BY kind')
  return rows.all().every(({ kind, version }) => Number(version) <= versionOf(String(kind)))
}
