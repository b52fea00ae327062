import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { State } from '../../core/model/state.ts'
import { reasonOf } from '../../lib/reason.ts'
import { Damaged } from '../../ports/store-damaged.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import type { JournalEntry, MaintainedStore, NewJournalEntry } from '../../ports/store.ts'
import { Backups } from './backups.ts'
import { copy } from './copy.ts'
import { damaged } from './damage.ts'
import { type Changes, changedDocuments, stateOf } from './documents.ts'
import { damageBeforeOpening, damageIn, tellsOfDamage } from './integrity.ts'
import { migrate, schemaVersion } from './migrations.ts'
import type { StoredDocument } from './stored-document.ts'
import { tooNew } from './too-new.ts'
import { TooNew, Unreadable } from './unreadable.ts'
import { upcast } from './upcast.ts'

interface Watchers {
  /** Called once, when damage shows while the store is open. */
  readonly onDamaged?: (damage: Damaged) => void
  /** Names the process that may have the file open, for the error message. */
  readonly owner?: () => string
}

/** SQLITE_BUSY in sqlite3.h. */
const sqliteBusy = 5

/**
 * The state and its journal in one SQLite file, with backups beside it. `synchronous = FULL`: a
 * change for which `commit` returned survives a power cut. `locking_mode = EXCLUSIVE`: the file
 * belongs to this process until it ends, however it ends. Once the file has shown damage, every
 * read and write is refused.
 */
export function openStore(
  path: string,
  { onDamaged, owner = () => 'its name is not known' }: Watchers = {},
): MaintainedStore {
  const backups = new Backups(join(dirname(path), 'backups'))
  const refusal = damageBeforeOpening(path, backups.list().length > 0)
  if (refusal !== null) throw damaged(path, refusal, backups.list())
  let isCopied = false
  const keepCopy = (database: DatabaseSync): void => {
    if (isCopied) return
    database.prepare('VACUUM INTO ?').run(backups.begin(path))
    backups.finish(Date.now())
    isCopied = true
  }
  const database = openWhole(path, backups, owner, keepCopy)
  const put = database.prepare(
    `INSERT INTO entity (kind, id, position, version, value, checksum) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET position = excluded.position, version = excluded.version,
       value = excluded.value, checksum = excluded.checksum`,
  )
  const remove = database.prepare('DELETE FROM entity WHERE kind = ? AND id = ?')
  const append = database.prepare(
    'INSERT INTO journal (at, type, event, commands, reply, ignored) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const all = database.prepare(
    'SELECT kind, id, position, version, value, checksum FROM entity ORDER BY kind, position',
  )
  const after = database.prepare(
    `SELECT sequence, event, commands, reply, ignored FROM journal
     WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  )
  const forget = database.prepare(
    `DELETE FROM journal WHERE sequence IN
       (SELECT sequence FROM journal WHERE sequence <= (SELECT max(sequence) FROM journal) - ? ORDER BY sequence LIMIT ?)`,
  )

  let damage: Damaged | null = null
  const guarded = <Result>(work: () => Result): Result => {
    if (damage !== null) throw damage
    try {
      return work()
    } catch (error) {
      if (error instanceof TooNew) throw tooNew(path, error, backups.list())
      if (!tellsOfDamage(error) && !(error instanceof Unreadable)) throw error
      throw noteDamage(reasonOf(error), error)
    }
  }
  const noteDamage = (what: string, cause?: unknown): Damaged => {
    damage = damaged(path, what, backups.list(), cause)
    onDamaged?.(damage)
    return damage
  }
  const inTransaction = <Result>(work: () => Result): Result => {
    try {
      database.exec('BEGIN')
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      if (tellsOfDamage(error)) throw error
      throw new Unavailable('the database cannot be written', { cause: error })
    }
  }

  const write = ({ written, removed }: Changes): void => {
    for (const { kind, id, position, version, value } of written) {
      const text = JSON.stringify(value)
      put.run(kind, id, position, version, text, crc32(text))
    }
    for (const { kind, id } of removed) remove.run(kind, id)
  }
  const writeLine = (line: NewJournalEntry): JournalEntry => {
    const { event, commands, reply, ignored } = line
    const { lastInsertRowid } = append.run(
      event.at,
      event.type,
      JSON.stringify(event),
      JSON.stringify(commands),
      reply === null ? null : JSON.stringify(reply),
      ignored,
    )
    return { sequence: Number(lastInsertRowid), ...line }
  }
  const loadCurrent = (): State | null => {
    const stored = all.all().map(readDocument)
    const { documents, isOld } = upcast(stored)
    const state = stateOf(documents)
    if (isOld) {
      keepCopy(database)
      inTransaction(() =>
        write({ written: documents, removed: stored.filter(isGoneFrom(documents)) }),
      )
    }
    return state
  }

  return {
    load: () => guarded(loadCurrent),
    commit(before, next, lines) {
      const changes = changedDocuments(before, next)
      return guarded(() =>
        inTransaction(() => {
          write(changes)
          return lines.map(writeLine)
        }),
      )
    },
    // SQLite writes no unchanged row and syncs no empty transaction. It does write the header when
    // the same version is set again: one page in the write-ahead log, synced like every commit. A
    // larger commit may still find too little space.
    probe: () =>
      guarded(() => inTransaction(() => database.exec(`PRAGMA user_version = ${schemaVersion}`))),
    journal: (sequence, limit) => guarded(() => after.all(sequence, limit).map(readEntry)),
    trim: (keep, limit) =>
      guarded(() => inTransaction(() => Number(forget.run(keep, limit).changes))),
    async backUp(at) {
      if (damage !== null) throw damage
      try {
        await copy(database, backups.begin(path))
        return backups.finish(at)
      } catch (error) {
        backups.abandon()
        // An exact copy of a damaged file is damaged, too.
        const found = damageIn(database)
        throw found === null
          ? new Unavailable('the database cannot be backed up', { cause: error })
          : noteDamage(found, error)
      }
    },
    newestBackup: () => backups.list()[0] ?? null,
    [Symbol.dispose]: () => database.close(),
  }
}

/** Opens the file for this process alone, checks all of it, and updates its schema. */
function openWhole(
  path: string,
  backups: Backups,
  owner: () => string,
  keepCopy: (database: DatabaseSync) => void,
): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    chmodSync(path, 0o600)
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ' +
        'FULL; BEGIN EXCLUSIVE; COMMIT',
    )
    const damage = damageIn(database)
    if (damage !== null) throw damaged(path, damage, backups.list())
    migrate(database, () => keepCopy(database))
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) {
      throw new Error(
        `${dirname(path)} is served by another server (${owner()}): stop that one, or use ` +
          'another --state',
        { cause: error },
      )
    }
    if (tellsOfDamage(error)) throw damaged(path, reasonOf(error), backups.list(), error)
    if (error instanceof TooNew) throw tooNew(path, error, backups.list())
    throw error instanceof Damaged ? error : new Error(`${path} cannot be opened`, { cause: error })
  }
}

const isGoneFrom =
  (documents: readonly StoredDocument[]) =>
  ({ kind, id }: StoredDocument): boolean =>
    !documents.some((document) => document.kind === kind && document.id === id)

const json = z.string().transform((text): unknown => JSON.parse(text))
const documentRow = z.object({
  kind: z.string(),
  id: z.string(),
  position: z.number(),
  version: z.number(),
  value: z.string(),
  checksum: z.number().nullable(),
})
const entryRow = z.object({
  sequence: z.number(),
  event: json,
  commands: json,
  reply: json.nullable(),
  ignored: z.string().nullable(),
})

function readDocument(row: unknown): StoredDocument {
  const { value, checksum, ...place } = documentRow.parse(row)
  if (checksum !== null && checksum !== crc32(value))
    throw new Unreadable(`the ${place.kind} ${place.id} is not what was written`)
  return { ...place, value: JSON.parse(value) as unknown }
}

function readEntry(row: unknown): JournalEntry {
  try {
    return entryRow.parse(row) as JournalEntry
  } catch (error) {
    throw new Unreadable('a line of the journal is not what was written', { cause: error })
  }
}
