import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFiles } from '../../../src/adapters/credentials/find-files.ts'
import { openStateDirectory } from '../../../src/adapters/system/state-directory.ts'
import { readConfiguration } from '../../../src/config/read.ts'
import { docker } from '../../../src/rehearsal/chaos/world/command.ts'
import type { JournalLine } from '../../support/journal-copy.ts'
import { git } from '../../../src/rehearsal/sample/repository.ts'
import { type Orchestrator, startOrchestrator } from '../../../src/server/wiring.ts'
import { FaultRun, report } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

/**
 * Stands for ten minutes, which no operator may make so short: the server runs in this process,
 * with a rule that no configuration gives.
 */
const silenceMs = 6_000
const busyMs = 15_000
const victim = 'worker-1'

let run: FaultRun
let orchestrator: Orchestrator
beforeAll(async () => {
  run = await FaultRun.open({
    workers: 1,
    tasks: 2,
    gate: new Gate('before-commit'),
    settings: { logLevel: 'error' },
  })
  const port = Number(new URL(run.server.url).port)
  const reading = await readConfiguration(
    run.setup.config,
    { state: run.setup.state, port },
    { home: homedir(), findFiles },
  )
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems))
  const { configuration } = reading
  const policy = { ...configuration.policy, silenceMs, busyMs }
  orchestrator = await startOrchestrator(
    { ...configuration, policy },
    openStateDirectory(configuration.stateDirectory),
  )
})
afterAll(() => run[Symbol.asyncDispose]())

const asks =
  (type: string) =>
  ({ commands }: JournalLine): boolean =>
    commands.some((command) => command.type === type && command.instance === victim)

const steps: Steps = {
  'whose screen shows a turn is interrupted, and its next prompt says why': async () => {
    await run.atWork(1)
    const task = await run.taskOf(victim)
    const mark = run.journal.last
    const from = Date.now()
    const is =
      (type: string) =>
      ({ event }: JournalLine): boolean =>
        event.type === type && (event.instance === undefined || event.instance === victim)
    const interrupted = await run.journal.next('it is interrupted', mark, is('turn-interrupted'))
    const prompted = await run.journal.next('its prompt arrives', interrupted.sequence, (line) =>
      JSON.stringify(line.event).includes('Your last turn was interrupted'),
    )
    run.gate.letPass(task)
    const reported = await run.journal.next('it reports', mark, is('task-reported'))
    const seen = run.journal.since(mark, is('instance-busy'))
    const lost = run.journal.since(mark, asks('save-work'))
    report(
      'model-hang',
      `with rules of ${silenceMs} and ${busyMs} ms: seen busy ${seen.length} times, interrupted after ${interrupted.event.at - from} ms, prompted ${prompted.event.at - interrupted.event.at} ms later, reported ${reported.event.at - prompted.event.at} ms after that`,
      'seen busy, then interrupted and prompted in the same launch; nothing is given up',
      seen.length >= 1 && lost.length === 0,
    )
  },

  'is probed twice, then started again with its work saved first': async () => {
    await run.atWork(1)
    const task = await run.taskOf(victim)
    const mark = run.journal.last
    await docker('pause', run.container(victim))
    const pausedAt = Date.now()
    const given = await run.journal.next('it is given up', mark, asks('save-work'))
    const looks = run.journal
      .since(mark, asks('probe-instance'))
      .map(({ event }) => event.at - pausedAt)
    const givenBy = run.journal.since(mark, asks('save-work'))
    const saved = await run.journal.next(
      'its work is saved',
      mark,
      ({ event }) => event.type === 'work-saved',
    )
    const started = await run.journal.next(
      'it is started again',
      mark,
      ({ event }) => event.type === 'instance-started',
    )
    const isBriefed = ({ event }: JournalLine): boolean =>
      event.type === 'brief-fetched' && event.instance === victim
    const back = await run.journal.next('it goes on', mark, isBriefed, 120_000)
    const ref = `refs/backup/${victim}/${task}/1`
    const main = await git(join(run.setup.state, 'hub.git'), 'rev-parse', 'main')
    const place = join(run.setup.state, 'backups.git')
    const files = (await git(place, 'diff', '--name-only', main, ref)).split('\n')
    const written =
      run.sample.script.tasks.find(({ id }) => id === task)?.files.map(({ path }) => path) ?? []
    report(
      'container-pause',
      `paused with a rule of ${silenceMs} ms: looked at after ${looks.join(' and ')} ms, given up after ${given.event.at - pausedAt} ms; ${files.length} files saved ${saved.event.at - given.event.at} ms later, ${started.event.at - saved.event.at} ms before launch ${started.event.launch}; at its task again after ${back.event.at - pausedAt} ms`,
      'looked at twice, then given up once; work in progress saved before the next launch',
      looks.length === 2 &&
        givenBy.length === 1 &&
        saved.sequence < started.sequence &&
        written.every((path) => files.includes(path)),
    )
  },

  'merges every task once': async () => {
    expect(await run.finish(4, () => orchestrator.close({ stopInstances: true }))).toEqual([])
  },
}

describe('a worker that is silent', () => {
  it('is given up, and its task is merged', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
