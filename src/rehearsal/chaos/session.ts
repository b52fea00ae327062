import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Model } from '../model/server.ts'
import type { Screen } from '../runner/screen.ts'
import type { Setup } from '../runner/setup.ts'
import { fetchStatusOf, isMerged, isOver, type Status } from '../runner/status.ts'
import { seconds } from '../runner/view.ts'
import type { ChaosArguments } from './arguments.ts'
import type { Acknowledgement } from './checker/acknowledged.ts'
import { checkWhileDown, secretsIn } from './checker/check.ts'
import { leftoverProblems, removeLeftovers } from './checker/leftovers.ts'
import { Human } from './world/human.ts'
import { Injector, type Struck } from './injector.ts'
import type { KnownTask } from './world/known-task.ts'
import type { ModelFaults } from './world/model-faults.ts'
import { needsIn } from './needs.ts'
import type { OddWork } from './world/odd-work.ts'
import { observe, type View } from './world/observer.ts'
import { scheduleOf } from './world/schedule.ts'
import { Supervisor } from './world/supervisor.ts'

export interface SessionOptions {
  readonly wanted: ChaosArguments
  readonly setup: Setup
  readonly tasks: readonly KnownTask[]
  readonly model: Model
  readonly modelFaults: ModelFaults
  readonly oddWork: OddWork
  readonly screen: Screen
  readonly signal: AbortSignal
  /** So far. */
  readonly acknowledged: () => readonly Acknowledgement[]
  readonly timeIsOver: () => void
}

export interface SessionResult {
  readonly status: Status
  readonly human: Human
  readonly secrets: readonly string[]
  readonly said: ReadonlyMap<string, string>
  readonly struck: readonly Struck[]
  readonly missed: number
  readonly serverStarts: number
  readonly violations: readonly string[]
  readonly interventions: readonly string[]
  readonly settleMs: number
}

/**
 * These only end a hang. How long a run takes to end after its last fault is a figure of the
 * outcome.
 */
const settleMs = 30 * 60_000
const firstStatusMs = 300_000
const cleanUpMs = 60_000

/**
 * Runs the server through all faults and to the end of the run, then stops it and removes what it
 * left.
 */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { wanted, setup, tasks, model, modelFaults, oddWork, screen, signal, acknowledged } =
    options
  const violations: string[] = []
  const secrets = new Set(await secretsIn(setup))
  const said = new Map<string, string>()
  const whileDown = async (): Promise<void> => {
    violations.push(...(await checkWhileDown(setup, acknowledged())))
  }
  await using server = await Supervisor.prepare(setup, whileDown)
  await server.start()
  let status = await firstStatus(server, setup)
  const { id: run } = status.run
  const { socket } = status.terminals
  await using cleaning = new AsyncDisposableStack()
  cleaning.defer(async () => {
    await server.stop()
    await removeLeftovers(run, socket)
  })
  screen.print(
    `Look in while it runs: tmux -L ${socket} attach -t =worker-1    (leave with Ctrl-b d)`,
  )

  const beganAt = Date.now()
  const human = new Human(setup)
  const print = (line: string): void =>
    screen.print(`${seconds(Date.now() - beganAt).padStart(8)}  ${line}`)
  const injector = new Injector(
    {
      ...{ setup, tasks, server, model, modelFaults, oddWork, human, run, socket },
      status: () => status,
      object: (violation) => violations.push(violation),
    },
    print,
  )
  const watching = new AbortController()
  const progress = progressPrinter(print)
  const onView = (view: View): void => {
    if (view.isReady) server.noteReady()
    if (view.status !== null) status = view.status
    progress(status)
    void injector.look(view)
  }
  const observing = observe(server.url, setup.state, onView, watching.signal)
  const planned = scheduleOf({
    seed: wanted.seed,
    minutes: wanted.minutes,
    instances: status.instances.map(({ id }) => id),
    credentials: status.credentials.map(({ id }) => id),
  })
  const chaos = injector.run(planned, beganAt)
  try {
    await until(() => isOver(status), beganAt + wanted.minutes * 60_000, signal)
    options.timeIsOver()
    injector.end()
    await chaos
    for (const secret of await secretsIn(setup)) secrets.add(secret)
    const settlingAt = Date.now()
    print('no more faults; the run comes to its end')
    await until(() => isOver(status), settlingAt + settleMs, signal)
    const tookMs = Date.now() - settlingAt
    if (!isOver(status))
      violations.push(
        `the run did not come to its end within ${settleMs / 60_000} minutes after the last fault`,
      )
    else if (status.run.phase === 'done')
      await until(
        async () => (await leftoverProblems(run, socket)).length === 0,
        Date.now() + cleanUpMs,
        signal,
      )
    // A run that failed leaves everything as it is, to be looked at.
    if (status.run.phase === 'done') violations.push(...(await leftoverProblems(run, socket)))
    const token = (await readFile(join(setup.state, 'operator-token'), 'utf8')).trim()
    for (const path of ['/status', '/metrics', '/health'])
      said.set(path, await textOf(new URL(path, server.url), token))
    watching.abort()
    await observing
    const stopProblem = await server.stop()
    await writeFile(
      join(setup.root, 'faults.json'),
      `${JSON.stringify(injector.struck, null, 1)}\n`,
    )
    if (stopProblem !== null) violations.push(`the server did not stop on SIGTERM: ${stopProblem}`)
    for (const { reason, wasReady } of server.endings)
      if (wasReady) violations.push(`the server ended by itself: ${reason}`)
    return {
      status,
      human,
      secrets: [...secrets],
      said,
      struck: injector.struck,
      missed: planned.length - injector.struck.length,
      serverStarts: server.starts,
      violations,
      interventions: needsIn(status),
      settleMs: tookMs,
    }
  } finally {
    injector.end()
    watching.abort()
    await Promise.allSettled([chaos, observing])
  }
}

async function firstStatus(server: Supervisor, { state }: Setup): Promise<Status> {
  const deadline = Date.now() + firstStatusMs
  while (Date.now() < deadline) {
    const status = await fetchStatusOf(server.url, state)
    if (status !== null && status.instances.length > 0) return status
    await delay(100)
  }
  throw new Error(`the server had no status within ${firstStatusMs / 1_000} s`)
}

/** Returns when the condition holds, or at the deadline. */
async function until(
  isSo: () => boolean | Promise<boolean>,
  deadline: number,
  signal: AbortSignal,
): Promise<void> {
  while (Date.now() < deadline && !(await isSo())) {
    await delay(100, undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }
}

/** Prints one line for every merge, to show that the run advances. */
function progressPrinter(print: (line: string) => void): (status: Status) => void {
  let last = 0
  return ({ tasks }) => {
    const merged = tasks.filter(isMerged).length
    if (merged !== last) print(`${merged} of ${tasks.length} tasks merged`)
    last = merged
  }
}

const textOf = (url: URL, token: string): Promise<string> =>
  fetch(url, { headers: { authorization: `Bearer ${token}` } }).then(
    (response) => response.text(),
    () => '',
  )
