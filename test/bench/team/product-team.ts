import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventView } from '../../../src/http/contract/event.ts'
import { startModel } from '../../../src/rehearsal/model/server.ts'
import type { MessagesRequest } from '../../../src/rehearsal/model/wire.ts'
import { answerAs } from '../../../src/rehearsal/players/answer-as.ts'
import { durationsIn } from '../../../src/rehearsal/runner/durations.ts'
import { follow } from '../../../src/rehearsal/runner/follow.ts'
import { modelHost } from '../../../src/rehearsal/runner/model-host.ts'
import { lastWords, startServer } from '../../../src/rehearsal/runner/server.ts'
import { createSetup, type Setup, targetBranch } from '../../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../../src/rehearsal/runner/status.ts'
import type { Sample } from '../../../src/rehearsal/scenarios/sample.ts'
import type { Bench } from '../bench.ts'
import { endServer } from '../ending.ts'
import { type AddedTokens, addedBy, sumOf } from './added-tokens.ts'
import { countExecutions } from './execution-counter.ts'
import { type LoopTimes, loopTimesSince } from './loop-times.ts'
import { plainMergeMs } from './plain-merge.ts'
import { measureProcessors } from './processor-meter.ts'
import { readinessOf } from './readiness.ts'

export interface ProductReading {
  readonly handoffMs: number
  /** From the decision to start a worker to its tools listed, for each of them. */
  readonly readyMs: readonly number[]
  /** From the first of these decisions to the last of these lists. */
  readonly allReadyMs: number
  readonly mergeMs: number
  /** The same merges by plain git. */
  readonly plainMergeMs: number
  readonly tasks: number
  /** How often workers took up a task. */
  readonly attempts: number
  /** Seconds of processors, without the Manager's start. */
  readonly processorSeconds: number
  /** Of the Manager's container until its plan was submitted. */
  readonly managerStartSeconds: number
  /** Programs; null where the kernel cannot be asked. */
  readonly executions: number | null
  /** Since the plan was submitted. */
  readonly loop: LoopTimes
  readonly tokens: AddedTokens
  /** One line about where the processor time went. */
  readonly breakdown: string
}

type Watching = Pick<Bench, 'signal' | 'say'>

/** The root of a project whose server has a meter in it. */
const metered = join(import.meta.dirname, 'metered')

/** Runs the whole system on a sample, as a rehearsal does, with meters beside it. */
export async function runProductTeam(
  { seed, script }: Sample,
  workers: number,
  watching: Watching,
): Promise<ProductReading> {
  const host = await modelHost('docker')
  const added: AddedTokens[] = []
  const act = (request: MessagesRequest) => {
    const line = answerAs(script, request)
    if (line.role === 'worker') added.push(addedBy(request))
    return line
  }
  await using model = await startModel({ host, act })
  await using setup = await createSetup({
    seed,
    workers,
    runtime: 'docker',
    context: 'fresh',
    checks: [],
    modelUrl: model.url,
  })
  await using counter = await countExecutions()
  await using processors = await measureProcessors(setup.root)
  const managerSeconds = (): number =>
    [...processors.read().containers].find(([name]) => name.endsWith('-manager'))?.[1] ?? 0
  let [planAt, managerStartSeconds] = [0, 0]
  const events: EventView[] = []
  const status = await runServer(setup, watching, (event) => {
    events.push(event)
    if (event.type !== 'plan-submitted' || planAt > 0) return
    planAt = Date.parse(event.at)
    managerStartSeconds = managerSeconds()
  })
  const executions = (await counter?.count()) ?? null
  const { containers, server, engine } = processors.read()
  const inside = [...containers.values()].reduce((sum, each) => sum + each, 0)
  const usual = Object.entries(status.handoffs)
    .filter(([way]) => way !== 'answer')
    .map(([, figures]) => figures)
    .toSorted((one, other) => other.count - one.count)
  return {
    ...readinessOf(events),
    handoffMs: usual[0]?.p50Ms ?? Number.NaN,
    mergeMs: durationsIn(events).mergeMs.p50 ?? Number.NaN,
    plainMergeMs: await plainMergeMs(setup.origin, setup.root, targetBranch),
    tasks: status.tasks.length,
    attempts: status.tasks.reduce((sum, { attempts }) => sum + attempts, 0),
    processorSeconds: inside + server + engine - managerStartSeconds,
    managerStartSeconds,
    executions,
    loop: loopTimesSince(await readFile(`${setup.state}.loop`, 'utf8'), planAt),
    tokens: sumOf(added),
    breakdown: describeSeconds({ containers: inside, server, engine }),
  }
}

/** Until the run is over and the server has ended. */
async function runServer(
  setup: Setup,
  { signal, say }: Watching,
  onEvent: (event: EventView) => void,
): Promise<Status> {
  const server = await startServer(setup, signal, metered)
  try {
    const ending = new AbortController()
    void server.ended.then((reason) => ending.abort(new Error(reason)))
    const follower = { onEvent, onStatus: () => undefined }
    const until = AbortSignal.any([signal, ending.signal])
    const status = await follow(server.url, server.token, follower, until)
    if (status.run.phase !== 'done')
      throw new Error(`the run is ${status.run.phase}: ${await lastWords(setup)}`)
    return status
  } finally {
    await endServer(server, 'docker', say)
  }
}

/** The event loop of the server, per task, without the start of the run. */
export function describeLoop({ loop, tasks }: ProductReading): string {
  const each = (figure: number): string => `${(figure / tasks).toFixed(0)} ms`
  return (
    `the event loop per task: ${(loop.spawns / tasks).toFixed(1)} spawns ${each(loop.spawnMs)}, ` +
    `files ${each(loop.filesMs)}, commits ${each(loop.commitsMs)}, active in all ${each(loop.activeMs)}`
  )
}

const describeSeconds = (parts: Readonly<Record<string, number>>): string =>
  Object.entries(parts)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`)
    .join(', ')
