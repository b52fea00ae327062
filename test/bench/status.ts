import { performance } from 'node:perf_hooks'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { viewStatus } from '../../src/http/operator/views/status.ts'
import type { StatusQuery } from '../../src/http/contract/status.ts'
import { curlAt } from '../../src/http/operator/views/curl.ts'
import { busyRun, type Size } from './busy-run.ts'
import { median } from './median.ts'

/**
 * What one answer of `GET /status` costs the server's event loop, with many tasks and with few.
 * Run by hand: `npm run bench:status`; it takes some seconds. Every answer follows a change of one
 * task, as in a run.
 */
const sizes: readonly Size[] = [
  { tasks: 100, workers: 10 },
  { tasks: 100, workers: 200 },
  { tasks: 10_000, workers: 200 },
]
const queries: Readonly<Record<string, StatusQuery>> = { all: {}, 'first 100': { tasks: 100 } }
const rounds = 100

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
} as const

function costOf(size: Size, query: StatusQuery): { readonly ms: number; readonly kib: number } {
  const run = busyRun(size)
  const [task] = [...run.state.tasks.values()].slice(-1)
  if (task === undefined) throw new Error('the plan has no task')
  const times: number[] = []
  let bytes = 0
  for (let round = 0; round < rounds; round += 1) {
    const tasks = run.state.tasks.with({ ...task, progress: String(round) })
    const began = performance.now()
    const text = JSON.stringify(viewStatus({ ...source, state: { ...run.state, tasks } }, query))
    times.push(performance.now() - began)
    bytes = text.length
  }
  return { ms: median(times), kib: bytes / 1_024 }
}

for (const [name, query] of Object.entries(queries))
  for (const size of sizes) {
    const { ms, kib } = costOf(size, query)
    process.stdout.write(
      `${name.padEnd(10)} ${`${size.tasks} × ${size.workers}`.padStart(14)} ` +
        `${ms.toFixed(2).padStart(7)} ms ${kib.toFixed(0).padStart(6)} KiB\n`,
    )
  }
