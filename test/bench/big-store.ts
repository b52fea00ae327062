import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { Run } from '../support/run.ts'
import type { Bench } from './bench.ts'
import { type Row, rowOf, rowOfPairs } from './row.ts'
import { event, line } from './store.ts'

/** The journal of a run of some weeks. */
const bigBytes = 50e6

/** What a start and a backup cost with a database of 50 MB. */
export async function measureBigStore({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'bench-store-'))
  try {
    let round = 0
    const taken = await rounds(isQuick ? 1 : 3, () =>
      measureOnce(join(directory, `${(round += 1)}.db`)),
    )
    const starts = taken.map(({ openMs, quickCheckMs }) => ({ product: openMs, raw: quickCheckMs }))
    return [
      rowOfPairs('store: start with 50 MB to quick_check, ms', starts, null),
      rowOf(
        'store: longest commit during a backup of 50 MB, ms',
        taken.map((each) => each.longestCommitMs),
        null,
      ),
      rowOf(
        'store: trimming 500 lines, ms',
        taken.map((each) => each.trimMs),
        null,
      ),
    ]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function measureOnce(path: string) {
  const { state } = new Run()
  {
    using store = openStore(path)
    store.commit(null, state, [line])
  }
  grow(path)
  const opened = performance.now()
  using store = openStore(path)
  store.load()
  const openMs = performance.now() - opened
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
  const trimming = performance.now()
  store.trim(1_000, 500)
  const trimMs = performance.now() - trimming
  using copy = new DatabaseSync((await copying).path)
  const checking = performance.now()
  copy.prepare('PRAGMA quick_check(1)').get()
  return { openMs, quickCheckMs: performance.now() - checking, longestCommitMs, trimMs }
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
