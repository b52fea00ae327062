import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import type { Event } from '../../src/core/model/event.ts'
import { workerId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { planned, Run } from '../support/run.ts'
import { median } from './median.ts'

/**
 * What the store adds to SQLite: commits of an ordinary event, compared in turns with INSERTs
 * of the same rows under the same pragmas; and the cost of a start and of a backup with a database
 * of 50 MB. Run by hand: `npm run bench:store -- [directory]`; it prints a table, then JSON.
 */
const rounds = 7
const perRound = 1_000
const bigBytes = 50e6

interface Reading {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
}

const worker = workerId(1)
const event: Event = {
  at: 5,
  type: 'task-progressed',
  instance: worker,
  launch: 1,
  task: planned('t1').id,
  note: 'x'.repeat(200),
}
const line = { event, commands: [], reply: null, ignored: null }

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

function timed(work: (index: number) => void): Reading {
  const took: number[] = []
  for (let index = 0; index < perRound; index += 1) {
    const began = performance.now()
    work(index)
    took.push(performance.now() - began)
  }
  const total = took.reduce((sum, ms) => sum + ms, 0)
  const sorted = took.toSorted((one, other) => one - other)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { perSecond: (perRound / total) * 1_000, p50Ms: at(0.5), p95Ms: at(0.95) }
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

async function main(): Promise<void> {
  const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'bench-store-'))
  try {
    const commits = compareCommits(directory)
    const big = await measureBig(join(directory, 'big.db'))
    process.stdout.write(`${JSON.stringify({ commits, big }, null, 1)}\n`)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function compareCommits(directory: string) {
  using store = openStore(join(directory, 'store.db'))
  const raw = openRaw(join(directory, 'raw.db'))
  const [one, other] = states()
  store.commit(null, one, [line])
  const inTurns = (index: number) =>
    index % 2 === 0 ? store.commit(one, other, [line]) : store.commit(other, one, [line])
  for (const work of [inTurns, raw.commit]) timed(work)
  const pairs = Array.from({ length: rounds }, () => ({
    raw: timed(raw.commit),
    store: timed(inTurns),
  }))
  raw.close()
  const report = {
    store: medianOf(pairs.map((pair) => pair.store)),
    raw: medianOf(pairs.map((pair) => pair.raw)),
    ratio: median(pairs.map((pair) => pair.store.perSecond / pair.raw.perSecond)),
  }
  for (const [name, { perSecond, p50Ms, p95Ms }] of Object.entries({
    store: report.store,
    raw: report.raw,
  })) {
    print(
      `${name.padEnd(6)} ${perSecond.toFixed(0).padStart(6)} commits/s   ` +
        `p50 ${p50Ms.toFixed(3)} ms   p95 ${p95Ms.toFixed(3)} ms`,
    )
  }
  print(`store/raw ${report.ratio.toFixed(2)} (median of ${rounds} pairs of ${perRound})`)
  return report
}

async function measureBig(path: string) {
  const { state } = new Run()
  {
    using store = openStore(path)
    store.commit(null, state, [line])
  }
  grow(path)
  const megabytes = statSync(path).size / 1e6
  const opened = performance.now()
  using store = openStore(path)
  store.load()
  const openMs = performance.now() - opened
  const began = performance.now()
  const copying = store.backUp(Date.now())
  const progress = { isCopied: false }
  void copying.then(() => (progress.isCopied = true))
  let longestCommitMs = 0
  while (!progress.isCopied) {
    const asked = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    store.commit(state, state, [line])
    longestCommitMs = Math.max(longestCommitMs, performance.now() - asked)
  }
  const backUpMs = performance.now() - began
  const trimming = performance.now()
  const trimmed = store.trim(1_000, 500)
  const trimMs = performance.now() - trimming
  using copy = new DatabaseSync((await copying).path)
  const checking = performance.now()
  copy.prepare('PRAGMA quick_check(1)').get()
  const quickCheckMs = performance.now() - checking
  print(
    `${megabytes.toFixed(0)} MB: open and check ${openMs.toFixed(0)} ms ` +
      `(quick_check alone ${quickCheckMs.toFixed(0)} ms)`,
  )
  print(
    `backup ${backUpMs.toFixed(0)} ms, blocking the event loop for at most ` +
      `${longestCommitMs.toFixed(0)} ms`,
  )
  print(`trimming ${trimmed} lines ${trimMs.toFixed(1)} ms`)
  return { megabytes, openMs, quickCheckMs, backUpMs, longestCommitMs, trimMs }
}

function grow(path: string): void {
  using database = new DatabaseSync(path)
  const append = database.prepare(
    'INSERT INTO journal (at, type, event, commands, ignored) VALUES (?, ?, ?, ?, ?)',
  )
  const text = JSON.stringify({ ...event, note: 'x'.repeat(600) })
  database.exec('BEGIN')
  for (let bytes = 0; bytes < bigBytes; bytes += text.length + 60)
    append.run(1, event.type, text, '[]', null)
  database.exec('COMMIT')
}

function medianOf(readings: readonly Reading[]): Reading {
  const of = (what: keyof Reading): number => median(readings.map((reading) => reading[what]))
  return { perSecond: of('perSecond'), p50Ms: of('p50Ms'), p95Ms: of('p95Ms') }
}

const print = (text: string): void => void process.stderr.write(`${text}\n`)

await main()
