import { answerAs } from '../players/answer-as.ts'
import { withBarrier } from '../players/barrier.ts'
import type { Script } from '../players/script.ts'
import { withThinking } from '../players/thinking.ts'
import { type Model, startModel } from '../model/server.ts'
import { windowHeaders } from '../model/windows.ts'
import { probeMachine } from '../runner/machine-probe.ts'
import { modelHost } from '../runner/model-host.ts'
import type { Screen } from '../runner/screen.ts'
import { keepIfItFails, createSetup } from '../runner/setup.ts'
import { isMerged } from '../runner/status.ts'
import type { ChaosArguments } from './arguments.ts'
import type { Acknowledgement } from './checker/acknowledged.ts'
import { checkAtTheEnd } from './checker/check.ts'
import { interventionsIn, quarantinesIn } from './checker/interventions.ts'
import { acknowledgementsIn } from './checker/acknowledgement-parser.ts'
import { ModelFaults } from './world/model-faults.ts'
import { withOddWork } from './odd-worker.ts'
import { OddWork } from './world/odd-work.ts'
import { type ChaosOutcome, chaosOutcome } from './outcome.ts'
import { runSession } from './session.ts'
import { makeProject } from './project.ts'

/**
 * Beyond one for each instance: a window that is used up is a reason to change, and sometimes to
 * wait.
 */
const spareCredentials = 2
const hourMs = 3_600_000

/** The whole system at work while faults strike it, and then the judgement. */
export async function runChaos(
  wanted: ChaosArguments,
  screen: Screen,
  signal: AbortSignal,
): Promise<ChaosOutcome> {
  const startedAt = Date.now()
  const acknowledged = new Map<string, Acknowledgement>()
  const modelFaults = new ModelFaults()
  const oddWork = new OddWork()
  let isTimeLeft = true
  const { seed, script } = makeProject(wanted, () => isTimeLeft)
  await using model = await startListening({ acknowledged, modelFaults, oddWork, script }, () =>
    isTimeLeft ? thinkMs() : 0,
  )
  await using setup = await createSetup({
    seed,
    workers: wanted.workers,
    runtime: 'docker',
    context: 'fresh',
    checks: [],
    modelUrl: model.url,
    credentials: { shape: 'oauth-token', spare: spareCredentials },
    settings: { upstreamEverySeconds: 10 },
    proxiesEngine: true,
  })
  if (wanted.keep) setup.keep()
  screen.print(
    `Chaos with ${wanted.workers} workers for ${wanted.minutes} minutes, seed ${wanted.seed}; everything is in ${setup.root}.`,
  )
  return await keepIfItFails(setup, screen, signal, async () => {
    const session = await runSession({
      wanted,
      setup,
      tasks: script.tasks,
      model,
      modelFaults,
      oddWork,
      screen,
      signal,
      acknowledged: () => [...acknowledged.values()],
      timeIsOver: () => {
        isTimeLeft = false
      },
    })
    const { status, human, secrets, said } = session
    screen.print('Looking at what is left …')
    const checked = {
      setup,
      script,
      human,
      rewritten: oddWork.tasks,
      acknowledged: [...acknowledged.values()],
      secrets,
      said,
    }
    const { evidence, violations } = await checkAtTheEnd(checked)
    return chaosOutcome({
      ...session,
      wanted,
      tasks: evidence.tasks.length,
      merged: status.tasks.filter(isMerged).length,
      done: status.tasks.filter(({ phase }) => phase === 'done').length,
      quarantines: quarantinesIn(evidence),
      violations: [...new Set([...session.violations, ...violations])],
      interventions: [...new Set([...session.interventions, ...interventionsIn(evidence)])],
      elapsedMs: Date.now() - startedAt,
      machine: await probeMachine('docker'),
    })
  })
}

/**
 * Time between two answers in which faults find a worker at work; none once there are no more
 * faults.
 */
const thinkMs = (): number => 500 + Math.random() * 2_000
const patienceMs = 15_000

interface ModelParts {
  readonly acknowledged: Map<string, Acknowledgement>
  readonly modelFaults: ModelFaults
  readonly oddWork: OddWork
  readonly script: Script
}

async function startListening(
  { acknowledged, modelFaults, oddWork, script }: ModelParts,
  thinkingMs: () => number,
): Promise<Model> {
  const act = withOddWork(
    oddWork,
    withBarrier(script, (request) => answerAs(script, request), patienceMs),
  )
  return startModel({
    host: await modelHost('docker'),
    act: withThinking(thinkingMs, (request, signal) => {
      for (const each of acknowledgementsIn(request)) acknowledged.set(each.call, each)
      return act(request, signal)
    }),
    faultFor: (secret) => modelFaults.faultFor(secret),
    headersFor: () => windowHeaders(0.2, Date.now() + hourMs),
  })
}
