import { afterAll, beforeAll, describe, it } from 'vitest'
import { docker, succeeds } from '../../../src/rehearsal/chaos/world/command.ts'
import { FaultRun, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

const instances = ['manager', 'worker-1', 'worker-2']
const kills = 24

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({ workers: 2, tasks: 6, gate: new Gate() })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

const killCarrierOf = (instance: string): Promise<boolean> =>
  succeeds(docker('exec', run.container(instance), 'pkill', '-KILL', '-f', 'carrier/main'))

const steps: Steps = {
  'is not needed for long': async () => {
    await until('the run has begun', async () => {
      const { tasks } = await run.status()
      return tasks.some(({ phase }) => phase === 'working') || null
    })
    // Each time another one, at whatever the instance does then.
    const hits = { killed: 0, missed: 0 }
    for (let turn = 0; turn < kills; turn += 1) {
      const isKilled = await killCarrierOf(instances[turn % instances.length] ?? '')
      hits[isKilled ? 'killed' : 'missed'] += 1
    }
    const problems = await run.finish(6)
    const starts = run.journal.since(0, ({ event }) => event.type === 'instance-started').length
    report(
      'carrier-kill',
      `${hits.killed} killed one after the other, ${hits.missed} were just starting; ${starts} launches of ${instances.length} instances; ${problems.join(', ') || 'no problem'}`,
      'every task merged once, each instance in its first launch',
      problems.length === 0 && starts === instances.length,
    )
  },
}

describe('a run whose carriers are killed', () => {
  it('loses no event and no tool', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
