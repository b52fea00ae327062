import { performance } from 'node:perf_hooks'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { viewStatus } from '../../src/http/operator/views/status.ts'
import type { StatusQuery } from '../../src/http/contract/status.ts'
import { curlAt } from '../../src/http/operator/views/curl.ts'
import type { Bench } from './bench.ts'
import { busyRun, type Size } from './busy-run.ts'
import { median } from './median.ts'
import { type Row, rowOfPairs } from './row.ts'

const long: Size = { tasks: 10_000, workers: 200 }
const short: Size = { tasks: 100, workers: 200 }
const firstPage: StatusQuery = { tasks: 100 }
/** Answers of each kind in a round. */
const times = 100

const source = {
  store: {
    directory: '/state',
    freeMiB: 5_000,
    leastFreeMiB: 256,
    writeOutage: null,
    waiting: 0,
    backups: { newest: null, problem: null },
  },
  handoffs: new HandoffMeter().figures,
  terminalSocket: 'socket',
  runtime: 'docker',
  network: 'sealed',
  proposedHosts: [],
  containerOf: ({ id }: { readonly id: string }) => id,
  runtimeOutage: null,
  runningChecks: [],
  curl: curlAt(() => ({ url: 'http://127.0.0.1:7700', tokenFile: '/state/operator-token' })),
  hub: '/state/hub.git',
} as const

/** Every answer follows a change of one task, as in a run. */
function costOf(size: Size, query: StatusQuery): { readonly ms: number; readonly kib: number } {
  const run = busyRun(size)
  const [task] = [...run.state.tasks.values()].slice(-1)
  if (task === undefined) throw new Error('the plan has no task')
  const taken: number[] = []
  let bytes = 0
  for (let time = 0; time < times; time += 1) {
    const tasks = run.state.tasks.with({ ...task, progress: String(time) })
    const began = performance.now()
    const text = JSON.stringify(viewStatus({ ...source, state: { ...run.state, tasks } }, query))
    taken.push(performance.now() - began)
    bytes = text.length
  }
  return { ms: median(taken), kib: bytes / 1_024 }
}

/** What one answer of `GET /status` costs the event loop, with many tasks and with few. */
export async function measureStatus({ isQuick, rounds, say }: Bench): Promise<readonly Row[]> {
  const taken = await rounds(isQuick ? 1 : 3, async () => ({
    page: { product: costOf(long, firstPage), raw: costOf(short, firstPage) },
    all: { product: costOf(long, {}), raw: costOf(short, {}) },
  }))
  const pairsOf = (which: 'page' | 'all') =>
    taken.map((round) => ({ product: round[which].product.ms, raw: round[which].raw.ms }))
  const kib = (which: 'page' | 'all') => Math.round(taken[0]?.[which].product.kib ?? Number.NaN)
  say(`  at 10,000 tasks the first page has ${kib('page')} KiB, the whole answer ${kib('all')} KiB`)
  const to = '10,000 × 200 to 100 × 200, ms'
  return [
    rowOfPairs(`/status: first page, ${to}`, pairsOf('page'), { of: 'product', most: 2 }),
    rowOfPairs(`/status: all tasks, ${to}`, pairsOf('all'), null),
  ]
}
