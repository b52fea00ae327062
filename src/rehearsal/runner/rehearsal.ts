import { join } from 'node:path'
import { answerAs } from '../players/answer-as.ts'
import { withBarrier } from '../players/barrier.ts'
import { HeldTasks } from '../players/held-tasks.ts'
import { withThinking } from '../players/thinking.ts'
import { isWithoutMerge, triesOf } from '../players/script.ts'
import { type Model, startModel } from '../model/server.ts'
import { windowHeaders } from '../model/windows.ts'
import { createFaultInjector } from '../scenarios/fault-plan.ts'
import { makeSample } from '../scenarios/sample.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import type { Acts } from './act.ts'
import { Acting } from './acting.ts'
import type { Arguments } from './arguments.ts'
import { nameOf } from './credentials.ts'
import { findLeftovers } from './leftovers.ts'
import { judgeLimits } from './limit-findings.ts'
import { probeMachine } from './machine-probe.ts'
import { modelHost } from './model-host.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { judgePublication, readPublication } from './publication.ts'
import { keptReports } from './removal.ts'
import { chooseRuntime } from './runtime.ts'
import { createOperator } from './operator.ts'
import { judgeRequests } from './requests.ts'
import type { Screen } from './screen.ts'
import { startServer } from './server.ts'
import { keepIfItFails, createSetup, type Setup } from './setup.ts'
import { parkedMs, rotationsIn } from './rotations.ts'
import { finding, verify } from './verify.ts'
import { nothingIsUndone } from './undone-work.ts'
import type { Status } from './status.ts'
import { watch } from './watch.ts'

/**
 * The whole system on a sample project, from the command line of the server to the tests on the
 * merged branch.
 */
export async function runRehearsal(
  wanted: Arguments,
  screen: Screen,
  signal: AbortSignal,
  acts: Acts,
): Promise<Outcome> {
  const startedAt = Date.now()
  const { kind: runtime, remark } = await chooseRuntime(wanted.runtime, Boolean(process.env['CI']))
  if (remark !== null) screen.print(remark)
  const scenario: Scenario = scenarios[wanted.scenario]
  const { limits } = scenario
  const proxiesEngine = scenario.acts?.includes('hang-engine') === true
  if (proxiesEngine && runtime === 'process')
    throw new Error(
      `the scenario ${wanted.scenario} needs containers: start a Docker engine, and leave out ` +
        '--runtime process',
    )
  const { seed, script } = makeSample(scenario, wanted.tasks, wanted.workers)
  const host = await modelHost(runtime)
  const held = new HeldTasks(script)
  const act = held.through(withBarrier(script, (request) => answerAs(script, request)))
  const faultInjector = limits ? createFaultInjector(limits.faultPlan, Date.now) : null
  const windowReset = startedAt + (limits?.faultPlan.lastsMs ?? 3_600_000)
  await using model = await startModel({
    host,
    act: limits?.thinkMs === undefined ? act : withThinking(limits.thinkMs, act),
    faultFor: (credential, count, asking) =>
      nameOf(credential) === null
        ? { type: 'unauthorized' }
        : (faultInjector?.faultFor(credential, count, asking) ?? null),
    headersFor: (credential) =>
      limits?.shape === 'oauth-token'
        ? windowHeaders(faultInjector?.usedBy(credential) ?? 0, windowReset)
        : {},
  }).catch((error: unknown) => {
    throw new Error(
      `the model cannot listen on ${host}, where instances would look for it: use --runtime process`,
      { cause: error },
    )
  })
  await using setup = await createSetup({
    seed,
    workers: wanted.workers,
    runtime,
    context: wanted.context,
    checks: scenario.checks,
    modelUrl: model.url,
    proxiesEngine,
    settings: { ...chosenSettings(wanted), ...scenario.settings, ...limits?.settings },
    ...(limits ? { credentials: limits } : {}),
  })
  if (wanted.keep) setup.keep()

  return await keepIfItFails(setup, screen, signal, async () => {
    screen.print(
      `Rehearsing ${wanted.scenario} with ${wanted.workers} workers and ${wanted.tasks} tasks (${runtime}): ${scenario.summary}.`,
    )
    const act = createOperator(scenario.operator, script, setup)
    await using acting = new Acting({
      names: scenario.acts ?? [],
      acts,
      script,
      setup,
      held,
      say: (line) => screen.print(line),
    })
    const { status, reported, events, stopProblem } = await watchServer(
      setup,
      screen,
      startedAt,
      signal,
      act,
      acting,
    )
    const { removal } = acting
    const kept = script.tasks.filter(({ id }) => !removal.tasks.includes(id))
    const verdict = await verify(setup, {
      status,
      reported: keptReports(reported, removal),
      tasks: kept.map((task) => ({
        id: task.id,
        tries: triesOf(task),
        isWithoutMerge: isWithoutMerge(task),
      })),
    })
    const publication = await readPublication(setup)
    const rotations = rotationsIn(events, model.requests)
    const parked = parkedMs(events)
    const findings = [
      finding(
        'the run is done',
        status.run.phase === 'done' ? [] : [status.run.reason ?? status.run.phase],
      ),
      finding('no instance gave up', complaintsIn(model)),
      ...judgeRequests(scenario, model, screen),
      ...verdict.findings,
      judgePublication(publication),
      ...(await nothingIsUndone(join(setup.root, 'clone'), kept, wanted.workers)),
      ...(await acting.findings(join(setup.root, 'clone'))),
      ...(limits
        ? judgeLimits(limits.expected, {
            events,
            requests: model.requests,
            rotations,
            parkedMs: parked,
            outage: faultInjector?.outage() ?? null,
          })
        : []),
      finding('the server stops on SIGTERM', stopProblem === null ? [] : [stopProblem]),
      ...(await findLeftovers(setup, runtime, status)),
    ]
    return outcomeOf({
      runtime,
      workers: wanted.workers,
      setup,
      status,
      verdict,
      publication,
      events,
      rotations,
      parkedMs: parked,
      findings,
      elapsedMs: Date.now() - startedAt,
      machine: await probeMachine(runtime),
    })
  })
}

async function watchServer(
  setup: Setup,
  screen: Screen,
  startedAt: number,
  signal: AbortSignal,
  act: (status: Status) => void,
  acting: Acting,
) {
  const server = await startServer(setup, signal)
  try {
    const watched = await watch(server, screen, startedAt, signal, (status) => {
      act(status)
      acting.see(status)
    })
    await acting.end()
    return { ...watched, stopProblem: await server.stop() }
  } finally {
    await acting.end()
    await server.stop()
  }
}

const complaintsIn = ({ requests }: Model): readonly string[] => [
  ...new Set(
    requests.flatMap(({ role, complaint }) =>
      complaint === null ? [] : [`the ${role}: ${complaint}`],
    ),
  ),
]

const chosenSettings = ({
  network,
  credentials,
}: Arguments): Readonly<Record<string, unknown>> => ({
  ...(network === undefined ? {} : { network }),
  ...(credentials === undefined ? {} : { credentials }),
})
