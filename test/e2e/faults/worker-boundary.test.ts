import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docker } from '../../../src/rehearsal/chaos/world/command.ts'
import { FaultRun, percentile, report } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

const [victim, other] = ['worker-1', 'worker-2']
const leastAnswers = 30

let run: FaultRun
beforeAll(async () => {
  const limits = { memoryMb: 1_536, pids: 128, cpus: 1 }
  run = await FaultRun.open({ workers: 2, tasks: 3, limits, gate: new Gate('before-commit') })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

/** Output and exit code of a script that runs as the container's user. */
function inside(instance: string, script: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  execFile(
    'docker',
    ['exec', '--user=1000', run.container(instance), 'sh', '-c', script],
    { timeout: 90_000 },
    (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}exit ${error === null ? 0 : String(error.code)}`.trim()),
  )
  return promise
}

const startOf = async (instance: string): Promise<string> =>
  docker('inspect', '--format', '{{.State.StartedAt}}', run.container(instance))

/** Runs the script in the victim and observes the server and the other worker meanwhile. */
async function disturb(script: string) {
  await run.atWork(2)
  const mark = run.journal.last
  const started = { victim: await startOf(victim), other: await startOf(other) }
  const answersMs: number[] = []
  const headers = { authorization: `Bearer ${await run.token()}` }
  const progress = { isOver: false }
  const output = inside(victim, script).finally(() => (progress.isOver = true))
  let neighbour = ''
  let areAnswered = true
  while (!progress.isOver || answersMs.length < leastAnswers) {
    const at = Date.now()
    areAnswered &&= (await fetch(new URL('/status', run.server.url), { headers })).ok
    answersMs.push(Date.now() - at)
    if (neighbour === '') neighbour = await inside(other, 'echo free >/tmp/mine && cat /tmp/mine')
    await delay(100)
  }
  const said = await output
  // A container that did not survive is missed; one that runs is not.
  const isRunning = await docker(
    'inspect',
    '--format',
    '{{.State.Running}}',
    run.container(victim),
  ).catch(() => 'false')
  if (isRunning !== 'true')
    await run.journal.next(
      `${victim} is missed`,
      mark,
      ({ event }) => event.type === 'instance-lost',
    )
  const losses = run.journal.since(
    mark,
    ({ event, ignored }) => event.type === 'instance-lost' && (ignored ?? null) === null,
  )
  const isOtherFine = (await startOf(other)) === started.other && neighbour === 'free\nexit 0'
  const isOnlyTheVictim = losses.every(({ event }) => event.instance === victim)
  const p95 = percentile(answersMs, 95)
  const ending = losses.map(({ event }) => event.cause).join() || 'its container lives'
  return {
    said,
    seen: `${said.split('\n').slice(-2).join(' ').slice(0, 110)}; ${ending}; ${other} ${isOtherFine ? 'untouched' : 'disturbed'}; /status p95 ${p95} ms of ${answersMs.length}`,
    isKept: isOtherFine && isOnlyTheVictim && areAnswered,
  }
}

const expected = 'only that worker suffers; the server answers every request meanwhile'

const steps: Steps = {
  'fills its disk': async () => {
    const { said, seen, isKept } = await disturb(
      'dd if=/dev/zero of=/tmp/fill bs=1M; code=$?; rm -f /tmp/fill; exit $code',
    )
    report('worker-disk-full', seen, expected, isKept && /No space left/.test(said))
  },

  'uses all its memory': async () => {
    const { said, seen, isKept } = await disturb('tail /dev/zero')
    report('worker-memory-full', seen, expected, isKept && /exit (137|1)$|Killed/.test(said))
  },

  'starts processes without end': async () => {
    const { said, seen, isKept } = await disturb(
      'i=0; while [ $i -lt 400 ]; do sleep 8 & i=$((i+1)); done; wait',
    )
    report(
      'worker-fork-bomb',
      seen,
      expected,
      isKept && /[Cc]annot fork|Resource temporarily unavailable/.test(said),
    )
  },

  'merges every task once': async () => {
    expect(await run.finish(6)).toEqual([])
  },
}

describe('a worker that uses up its resources', () => {
  it('harms no other instance and not the server', { timeout: stepsTimeoutMs }, () =>
    runSteps(steps),
  )
})
