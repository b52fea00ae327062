import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Model } from '../model/server.ts'
import type { Screen } from '../runner/screen.ts'
import type { Stage } from '../runner/setup.ts'
import { fetchStatus, isMerged, isOver, type Status } from '../runner/status.ts'
import { seconds } from '../runner/view.ts'
import type { ChaosArguments } from './arguments.ts'
import type { Acknowledgement } from './checker/acknowledged.ts'
import { checkWhileDown, secretsIn } from './checker/check.ts'
import { leftoverProblems, removeLeftovers } from './checker/leftovers.ts'
import { Human } from './world/human.ts'
import { Injector, type Struck } from './injector.ts'
import type { ModelFaults } from './world/model-faults.ts'
import { needsIn } from './needs.ts'
import { observe, type View } from './world/observer.ts'
import { scheduleOf } from './world/schedule.ts'
import { Supervisor } from './world/supervisor.ts'

export interface Play {
  readonly wanted: ChaosArguments
  readonly stage: Stage
  readonly model: Model
  readonly modelFaults: ModelFaults
  readonly screen: Screen
  readonly signal: AbortSignal
  /** So far. */
  readonly acknowledged: () => readonly Acknowledgement[]
  readonly timeIsOver: () => void
}

export interface Performed {
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

/** What a run gets to come to its end once nothing goes wrong any more. */
const settleMs = 10 * 60_000
const firstStatusMs = 120_000
/** After the end of the run everything that it had is gone within so long. */
const cleanWithinMs = 5_000

/** Lets the run go through its faults and come to its end; afterwards neither it nor its server is there. */
export async function perform(play: Play): Promise<Performed> {
  const { wanted, stage, model, modelFaults, screen, signal, acknowledged } = play
  const violations: string[] = []
  const secrets = new Set(await secretsIn(stage))
  const said = new Map<string, string>()
  const whileDown = async (): Promise<void> => {
    violations.push(...(await checkWhileDown(stage, acknowledged())))
  }
  await using server = await Supervisor.prepare(stage, whileDown)
  await server.start()
  let status = await firstStatus(server)
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
  const human = new Human(stage)
  const tell = (line: string): void =>
    screen.print(`${seconds(Date.now() - beganAt).padStart(8)}  ${line}`)
  const injector = new Injector(
    { stage, server, model, modelFaults, human, run, socket, status: () => status },
    tell,
  )
  const watching = new AbortController()
  const progress = progressTeller(tell)
  const onView = (view: View): void => {
    if (view.isReady) server.noteReady()
    if (view.status !== null) status = view.status
    progress(status)
    void injector.look(view)
  }
  const observing = observe(server.url, onView, watching.signal)
  const planned = scheduleOf({
    seed: wanted.seed,
    minutes: wanted.minutes,
    instances: status.instances.map(({ id }) => id),
    credentials: status.credentials.map(({ id }) => id),
  })
  const chaos = injector.run(planned, beganAt)
  try {
    await until(() => isOver(status), beganAt + wanted.minutes * 60_000, signal)
    play.timeIsOver()
    injector.end()
    await chaos
    for (const secret of await secretsIn(stage)) secrets.add(secret)
    const settlingAt = Date.now()
    tell('no more faults; the run comes to its end')
    await until(() => isOver(status), settlingAt + settleMs, signal)
    const tookMs = Date.now() - settlingAt
    if (!isOver(status))
      violations.push(
        `the run did not come to its end within ${settleMs / 60_000} minutes after the last fault`,
      )
    else if (status.run.phase === 'done')
      await until(
        async () => (await leftoverProblems(run, socket)).length === 0,
        Date.now() + cleanWithinMs,
        signal,
      )
    // A run that failed leaves everything as it is, to be looked at.
    if (status.run.phase === 'done') violations.push(...(await leftoverProblems(run, socket)))
    for (const path of ['/status', '/metrics', '/health'])
      said.set(path, await textOf(new URL(path, server.url)))
    watching.abort()
    await observing
    const stopProblem = await server.stop()
    await writeFile(
      join(stage.root, 'faults.json'),
      `${JSON.stringify(injector.struck, null, 1)}\n`,
    )
    if (stopProblem !== null)
      violations.push(`the server did not stop as it was told: ${stopProblem}`)
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

async function firstStatus(server: Supervisor): Promise<Status> {
  const deadline = Date.now() + firstStatusMs
  while (Date.now() < deadline) {
    const status = await fetchStatus(server.url)
    if (status !== null && status.instances.length > 0) return status
    await delay(100)
  }
  throw new Error(`the server had no status within ${firstStatusMs / 1_000} s`)
}

/** Waits for it, but not beyond the deadline. */
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

/** One line for every merge, so that whoever waits sees that it goes on. */
function progressTeller(tell: (line: string) => void): (status: Status) => void {
  let told = 0
  return ({ tasks }) => {
    const merged = tasks.filter(isMerged).length
    if (merged !== told) tell(`${merged} of ${tasks.length} tasks merged`)
    told = merged
  }
}

const textOf = (url: URL): Promise<string> =>
  fetch(url).then(
    (response) => response.text(),
    () => '',
  )
