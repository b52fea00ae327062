import type { DatabaseSync } from 'node:sqlite'
import { TooNew } from './unreadable.ts'

/**
 * Each entry upgrades the schema from its index to the next `user_version`; published entries never
 * change.
 */
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
  // The structure of a page does not cover the text in it. Null in rows written before this
  // version.
  'ALTER TABLE entity ADD COLUMN checksum INTEGER;',
  // Rows written before this version have the first version of their kind.
  `ALTER TABLE entity ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE journal ADD COLUMN reply TEXT;`,
]

/** The schema that this server writes. */
export const schemaVersion = migrations.length

export function schemaVersionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** `keep` copies a database that is not empty, before anything in it is changed. */
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
