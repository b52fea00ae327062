import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startServer } from '../../../src/rehearsal/runner/server.ts'
import { createSetup, type Setup } from '../../../src/rehearsal/runner/setup.ts'
import { fetchStatus } from '../../../src/rehearsal/runner/status.ts'
import { makeSample } from '../../../src/rehearsal/scenarios/sample.ts'
import type { Bench } from '../bench.ts'
import { endServer } from '../ending.ts'
import { type Row, rowOf } from '../row.ts'
import { allProcesses, commandOf, ticksPerSecond, treeTicks } from '../team/process-times.ts'
import { sendHooks } from './hook-load.ts'
import { copyWithSimulatedAgent } from './simulated-agent.ts'

const workers = 50

/** Only ends a hang: fifty launches take some seconds of processors each. */
const startWithinMs = 600_000

/**
 * The server with fifty instances that are simulated, over real HTTP: its memory while each sends
 * three hooks a second, then its processor time while none of them says anything. Goals: issue 11.
 */
export async function measureFleet({
  isQuick,
  signal,
  rounds,
  say,
}: Bench): Promise<readonly Row[]> {
  const [loudMs, silentMs] = isQuick ? [60_000, 30_000] : [600_000, 300_000]
  const taken = await rounds(1, () => runFleet({ loudMs, silentMs, signal, say }))
  return [
    rowOf(
      `server memory, ${workers} instances × 3 hooks a second, MB`,
      taken.map(({ memoryMb }) => memoryMb),
      { of: 'product', most: 120 },
    ),
    rowOf(
      'server, the same instances in silence, % of a processor',
      taken.map(({ silentPercent }) => silentPercent),
      { of: 'product', most: 1 },
    ),
    rowOf(
      'server, the same instances × 3 hooks a second, % of a processor',
      taken.map(({ loudPercent }) => loudPercent),
      null,
    ),
  ]
}

interface FleetOrder extends Pick<Bench, 'signal' | 'say'> {
  readonly loudMs: number
  readonly silentMs: number
}

async function runFleet({ loudMs, silentMs, signal, say }: FleetOrder) {
  const { seed, script } = makeSample({ summary: '', quirks: {}, checks: [] }, workers, workers)
  await using setup = await createSetup({
    seed,
    workers,
    runtime: 'process',
    context: 'fresh',
    checks: [],
    modelUrl: 'http://127.0.0.1:9',
  })
  // One for each worker, so that all are at work and none ends.
  const tasks = script.tasks.map(({ id, title, body }) => ({ id, title, body, depends_on: [] }))
  const code = await copyWithSimulatedAgent(setup.root, { tasks, complete: true })
  const server = await startServer(setup, signal, code)
  try {
    await untilAllWork(server, signal)
    const pid = serverPid(setup)
    say(`  ${workers} simulated workers are at work`)
    const loud = await during(pid, loudMs, signal, (untilMs) =>
      Promise.all(
        Array.from({ length: workers }, (_, index) =>
          sendHooks(setup.state, `worker-${index + 1}`, untilMs, signal),
        ),
      ),
    )
    const silent = await during(pid, silentMs, signal, () => delay(silentMs, undefined, { signal }))
    say(
      `  resident: at most ${loud.memoryMb.toFixed(0)} MB, at the end ${residentMb(pid).toFixed(0)} MB`,
    )
    return {
      memoryMb: loud.memoryMb,
      loudPercent: loud.percent,
      silentPercent: silent.percent,
    }
  } finally {
    await endServer(server, 'process', say)
  }
}

async function untilAllWork(
  { url, token }: { readonly url: string; readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + startWithinMs
  for (;;) {
    const status = await fetchStatus(url, token)
    const working = status?.instances.filter(({ phase }) => phase === 'working').length ?? 0
    if (working === workers) return
    if (performance.now() > deadline) throw new Error(`${working} of ${workers} are at work`)
    await delay(1_000, undefined, { signal })
  }
}

/** The highest resident memory, looked at once a second, and the share of one processor. */
async function during(
  pid: number,
  ms: number,
  signal: AbortSignal,
  work: (untilMs: number) => Promise<unknown>,
) {
  const began = performance.now()
  const before = secondsOf(pid)
  const working = work(began + ms)
  let memoryMb = 0
  while (performance.now() < began + ms) {
    memoryMb = Math.max(memoryMb, residentMb(pid))
    await delay(1_000, undefined, { signal })
  }
  await working
  const seconds = (performance.now() - began) / 1_000
  return { memoryMb, percent: ((secondsOf(pid) - before) / seconds) * 100 }
}

function serverPid({ state }: Setup): number {
  const found = allProcesses().find(({ pid }) => {
    const command = commandOf(pid).split('\0')
    return command.includes(state) && command.some((word) => word.endsWith('/server.js'))
  })
  if (found === undefined) throw new Error('there is no process of the server')
  return found.pid
}

/** Of the server with everything that it started and waited for. */
const secondsOf = (pid: number): number =>
  (treeTicks(allProcesses(), new Set([pid])).get(pid) ?? Number.NaN) / ticksPerSecond

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
}
