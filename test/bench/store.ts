import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import type { Event } from '../../src/core/model/event.ts'
import { workerId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { planned, Run } from '../support/run.ts'
import type { Bench } from './bench.ts'
import { type Row, rowOfPairs } from './row.ts'

/** Commits of each side in a round. */
const perRound = 1_000

const worker = workerId(1)
export const event: Event = {
  at: 5,
  type: 'task-progressed',
  instance: worker,
  launch: 1,
  task: planned('t1').id,
  note: 'x'.repeat(200),
}
export const line = { event, commands: [], reply: null, ignored: null }

/** Twenty tasks and ten workers; an ordinary event changes one of each. */
function states(): readonly [State, State] {
  const run = new Run({ workerCount: 10 }).planned(
    Array.from({ length: 20 }, (_, index) => planned(`t${index}`)),
  )
  return [run.state, touched(run.state)]
}

function touched(state: State): State {
  const [held] = state.tasks.values()
  const instance = state.instances.get(worker)
  if (held === undefined || instance === undefined) throw new Error('the bench has no plan')
  return {
    ...state,
    tasks: state.tasks.with({ ...held, progress: 'x'.repeat(200) }),
    instances: state.instances.with({ ...instance, sequence: instance.sequence + 1 }),
  }
}

function perSecond(work: (index: number) => void): number {
  const began = performance.now()
  for (let index = 0; index < perRound; index += 1) work(index)
  return (perRound / (performance.now() - began)) * 1_000
}

/** The minimum to store the same rows: no diff, no checks, texts prepared before. */
function openRaw(path: string): { readonly commit: (index: number) => void; close(): void } {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE entity (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT`)
  const put = database.prepare(
    'INSERT INTO entity VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  const append = database.prepare('INSERT INTO journal (event) VALUES (?)')
  const [, after] = states()
  const [task] = [...after.tasks.values()].map((value) => JSON.stringify(value))
  const instance = JSON.stringify(after.instances.get(worker))
  const text = JSON.stringify(event)
  return {
    commit() {
      database.exec('BEGIN')
      put.run('task', 't0', task ?? '')
      put.run('instance', worker, instance)
      append.run(text)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

/**
 * What the store adds to SQLite: commits of an ordinary event, in turns with INSERTs of the same
 * rows under the same pragmas. `BENCH_DIRECTORY` chooses the disk.
 */
export async function measureStore({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'bench-store-'))
  try {
    using store = openStore(join(directory, 'store.db'))
    const raw = openRaw(join(directory, 'raw.db'))
    const [one, other] = states()
    store.commit(null, one, [line])
    const inTurns = (index: number) =>
      index % 2 === 0 ? store.commit(one, other, [line]) : store.commit(other, one, [line])
    for (const warmUp of [inTurns, raw.commit]) perSecond(warmUp)
    const pairs = await rounds(isQuick ? 3 : 7, async () => ({
      raw: perSecond(raw.commit),
      product: perSecond(inTurns),
    }))
    raw.close()
    return [rowOfPairs('store: commits to the same INSERTs, a second', pairs, null)]
  } finally {
    rmSync(directory, { recursive: true })
  }
}
