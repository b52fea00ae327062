import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup, type Setup } from '../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../src/rehearsal/runner/status.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { createFaultInjector } from '../../src/rehearsal/scenarios/fault-plan.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { LiveServer } from '../support/live-server.ts'

/** A task may take more tries: an agent that finds no server may give up its turn. */
const tries = 9

const isDone = ({ run }: Status): boolean => run.phase === 'done'

async function problems(
  setup: Setup,
  status: Status,
  tasks: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  const { findings } = await verify(setup, {
    status,
    reported: [],
    tasks: tasks.map(({ id }) => ({ id, tries })),
  })
  const all = [...findings, ...(await findLeftovers(setup, 'docker', status))]
  return all.flatMap(({ promise, problem }) => (problem === null ? [] : [`${promise}: ${problem}`]))
}

describe('a server that is killed', () => {
  it('ten times in one run still merges every task exactly once, and no instance is restarted', async () => {
    const { seed, script } = makeSample(scenarios.plain, 9, 3)
    const act = withBarrier(script, (request) => answerAs(script, request))
    await using model = await startModel({ host: await modelHost('docker'), act })
    await using setup = await createSetup({
      seed,
      workers: 3,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
    })
    await using server = new LiveServer(setup)
    for (let kills = 0; kills < 10; kills += 1) {
      server.start()
      await server.statusWhen('up again', ({ instances }) => instances.length === 4)
      await delay(300 + Math.random() * 2_500)
      await server.kill()
    }
    server.start('--stop-instances')
    const done = await server.statusWhen('done', isDone)
    expect(done.instances.map(({ launch }) => launch)).toEqual([1, 1, 1, 1])
    expect(await server.stop()).toBe(0)
    expect(await problems(setup, done, script.tasks)).toEqual([])
  })

  it.each(['limit-one', 'limit-all'] as const)(
    'while the run meets %s goes on where it was',
    async (name) => {
      const { limits, ...scenario } = scenarios[name]
      const { seed, script } = makeSample({ ...scenario, limits }, 4, 2)
      const faultInjector = createFaultInjector(limits.faultPlan, Date.now)
      await using model = await startModel({
        host: await modelHost('docker'),
        act: (request) => answerAs(script, request),
        faultFor: faultInjector.faultFor,
      })
      await using setup = await createSetup({
        seed,
        workers: 2,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
        credentials: limits,
      })
      await using server = new LiveServer(setup)
      server.start()
      while (faultInjector.outage() === null) await delay(20)
      await delay(Math.random() * 1_500)
      await server.kill()
      server.start('--stop-instances')
      const done = await server.statusWhen('done', isDone)
      expect(await server.stop()).toBe(0)
      expect(await problems(setup, done, script.tasks)).toEqual([])
    },
  )
})
