import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { Unavailable } from '../../lib/unavailable.ts'
import type { JournalEntry, Store } from '../../ports/store.ts'
import { changedDocuments, type Document, stateOf } from './documents.ts'
import { migrate } from './migrations.ts'

/** Another process holds the database. */
export class StoreInUse extends Error {
  constructor(path: string) {
    super(`${path} belongs to another server`)
  }
}

/** SQLITE_BUSY in sqlite3.h. */
const sqliteBusy = 5

/**
 * The state and its journal in one SQLite file. `synchronous = FULL`: what `commit` returned for survives a power cut.
 * `locking_mode = EXCLUSIVE`: the file belongs to this process until it ends, however it ends.
 */
export function openStore(path: string): Store {
  const database = new DatabaseSync(path)
  chmodSync(path, 0o600)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) throw new StoreInUse(path)
    throw new Error(`${path} is no database that can be used; move it away and keep it, then start again`, { cause: error })
  }
  migrate(database)
  const put = database.prepare(
    'INSERT INTO entity (kind, id, position, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position, value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM entity WHERE kind = ? AND id = ?')
  const append = database.prepare('INSERT INTO journal (at, type, event, commands, ignored) VALUES (?, ?, ?, ?, ?)')
  const all = database.prepare('SELECT kind, id, position, value FROM entity ORDER BY kind, position')
  const after = database.prepare('SELECT sequence, event, commands, ignored FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?')

  return {
    load() {
      return stateOf(all.all().map(readDocument))
    },
    commit(before, next, entry) {
      const { written, removed } = changedDocuments(before, next)
      const { event, commands, ignored } = entry
      database.exec('BEGIN')
      try {
        for (const { kind, id, position, value } of written) put.run(kind, id, position, JSON.stringify(value))
        for (const { kind, id } of removed) remove.run(kind, id)
        const { lastInsertRowid } = append.run(event.at, event.type, JSON.stringify(event), JSON.stringify(commands), ignored)
        database.exec('COMMIT')
        return { sequence: Number(lastInsertRowid), ...entry }
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw new Unavailable('the database cannot be written', { cause: error })
      }
    },
    journal(sequence, limit) {
      return after.all(sequence, limit).map(readEntry)
    },
    [Symbol.dispose]() {
      database.close()
    },
  }
}

const json = z.string().transform((text): unknown => JSON.parse(text))
const documentRow = z.object({ kind: z.string(), id: z.string(), position: z.number(), value: json })
const entryRow = z.object({ sequence: z.number(), event: json, commands: json, ignored: z.string().nullable() })

const readDocument = (row: unknown): Document => documentRow.parse(row) as Document
const readEntry = (row: unknown): JournalEntry => entryRow.parse(row) as JournalEntry
