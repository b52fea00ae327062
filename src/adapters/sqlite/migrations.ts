import type { DatabaseSync } from 'node:sqlite'
import { TooNew } from './unreadable.ts'

/** Each entry brings the schema from its index to the next `user_version`; published ones never change. */
const migrations: readonly string[] = [
  `CREATE TABLE entity (
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     position INTEGER NOT NULL,
     value TEXT NOT NULL CHECK (json_valid(value)),
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE journal (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     type TEXT NOT NULL,
     event TEXT NOT NULL,
     commands TEXT NOT NULL,
     ignored TEXT
   ) STRICT;`,
  // The structure of a page says nothing of the text in it. Null in what was written before.
  'ALTER TABLE entity ADD COLUMN checksum INTEGER;',
  // What was written before has the first version of its kind.
  'ALTER TABLE entity ADD COLUMN version INTEGER NOT NULL DEFAULT 1;',
]

/** The schema that this server writes. */
export const schemaVersion = migrations.length

export function schemaVersionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** `keep` copies a database that holds something, before anything in it is changed. */
export function migrate(database: DatabaseSync, keep: () => void): void {
  const version = schemaVersionOf(database)
  if (version > schemaVersion) {
    throw new TooNew(`schema ${version}, this one knows ${schemaVersion}`)
  }
  if (version > 0 && version < schemaVersion) keep()
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue
    database.exec(`BEGIN; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
