import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import type { Bench } from './bench.ts'
import type { Size } from './busy-run.ts'
import { median } from './median.ts'
import { moments } from './moments.ts'
import { type Row, rowOfPairs } from './row.ts'

const long: Size = { tasks: 10_000, workers: 200 }
const short: Size = { tasks: 100, workers: 200 }
const goal = { of: 'ratio', most: 1.5 } as const
const times = 200

/**
 * A whole dispatch of an ordinary event: decision, diff, and the commit with its fsync. In a long
 * run and in a short one, with a database of its own each.
 */
export async function measureDispatch({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'bench-dispatch-'))
  try {
    using product = openRun(join(directory, 'long.db'), long)
    using raw = openRun(join(directory, 'short.db'), short)
    const pairs = await rounds(isQuick ? 1 : 3, async () => {
      const taken = { product: [] as number[], raw: [] as number[] }
      for (let time = 0; time < times; time += 1) {
        taken.product.push(product.dispatchMs())
        taken.raw.push(raw.dispatchMs())
      }
      return { product: median(taken.product), raw: median(taken.raw) }
    })
    return [rowOfPairs('dispatch: progress, 10,000 × 200 to 100 × 200, ms', pairs, goal)]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Its state is stored before, so that each dispatch writes only what it changed. */
function openRun(path: string, size: Size) {
  const [{ state }, event] = moments(size).progress
  const store = openStore(path)
  store.commit(null, state, [{ event, commands: [], reply: null, ignored: null }])
  const dispatcher = new Dispatcher(store, systemClock, state, () => undefined)
  let note = 0
  return {
    dispatchMs(): number {
      const began = performance.now()
      const { ignored } = dispatcher.dispatch({ ...event, note: String((note += 1)) })
      const took = performance.now() - began
      if (ignored !== null) throw new Error(`progress was ignored: ${ignored}`)
      return took
    },
    [Symbol.dispose]() {
      dispatcher[Symbol.dispose]()
      store[Symbol.dispose]()
    },
  }
}
