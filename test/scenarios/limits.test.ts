import { describe, expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { carryOut } from '../support/printed-curl.ts'
import { one, planned } from '../support/run.ts'
import { statusOf } from '../support/surface.ts'
import { worksWell } from './agents.ts'
import { Stage, type WorkerTurn } from './stage.ts'

const plan = (count: number) =>
  Array.from({ length: count }, (_, index) => planned(`task-${index + 1}`))
const minutes = 60_000

/** The first turns of the first task meet this. */
const meets =
  (modelError: (stage: Stage) => ModelError, turns = 1): WorkerTurn =>
  async (turn) =>
    turn.task === 'task-1' && turn.count <= turns ? modelError(turn.stage) : worksWell(turn)

const attemptsOf = (stage: Stage, task: string) =>
  stage.dispatcher.state.tasks.get(TaskId(task))?.attempts ?? []
const launchesOf = (stage: Stage) =>
  [...stage.dispatcher.state.instances.values()].map(({ launch }) => launch)

describe('a run that hits a limit', () => {
  it('goes on with a spare credential, in the same launch and the same attempt', async () => {
    const stage = await Stage.open({
      plan: plan(3),
      spare: 1,
      work: meets(({ clock }) => ({
        kind: 'quota',
        window: 'five-hour',
        until: clock.now() + 300 * minutes,
      })),
    })
    const before = stage.clock.now()
    await stage.untilDone()
    expect(launchesOf(stage)).toEqual([1, 1, 1])
    expect(attemptsOf(stage, 'task-1')).toHaveLength(1)
    expect(stage.clock.now() - before).toBeLessThan(10 * minutes)
  })

  it('without any credential left waits for the reset and goes on by itself', async () => {
    const stage = await Stage.open({
      plan: plan(2),
      policy: { workerCount: 1 },
      // Its own credential, then that of the idle Manager.
      work: meets(
        ({ clock }) => ({ kind: 'quota', window: 'weekly', until: clock.now() + 300 * minutes }),
        2,
      ),
    })
    const before = stage.clock.now()
    await stage.untilDone()
    expect(stage.clock.now() - before).toBeGreaterThanOrEqual(300 * minutes)
    expect(attemptsOf(stage, 'task-1')).toHaveLength(1)
    expect(launchesOf(stage)).toEqual([1, 1])
  })

  it.each(['throttled', 'overloaded', 'unreachable', 'rejected', 'spent'] as const)(
    'of the kind %s still merges everything',
    async (kind) => {
      const stage = await Stage.open({ plan: plan(3), spare: 1, work: meets(() => ({ kind })) })
      await stage.untilDone()
      expect(plan(3).map(({ id }) => stage.phaseOf(id))).toEqual(['merged', 'merged', 'merged'])
      expect(launchesOf(stage)).toEqual([1, 1, 1])
    },
  )

  it('asks a person before it gives a worker a fourth credential, and the printed line does it', async () => {
    const stage = await Stage.open({
      plan: plan(1),
      spare: 3,
      policy: { workerCount: 1 },
      work: meets(
        ({ clock }) => ({ kind: 'quota', window: 'weekly', until: clock.now() + 9_000 * minutes }),
        3,
      ),
    })
    const before = stage.clock.now()
    const { promise, resolve } = Promise.withResolvers<string>()
    stage.dispatcher.subscribe(({ after }) => {
      const { credential, phase } = after.instances.get(one) ?? {}
      const needs = statusOf(stage).run.needs
      if (credential === null && phase?.name === 'rate-limited' && needs !== null) resolve(needs)
    })
    const needs = await promise
    expect(needs).toContain('worker-1 was given 3 credentials')
    expect(statusOf(stage).instances.find(({ id }) => id === one)?.needs).toBe(needs)
    expect(await carryOut(stage, needs)).toBe(200)
    await stage.untilDone()
    expect(stage.clock.now() - before).toBeLessThan(60 * minutes)
    expect(stage.store.journal(0, 10_000).map(({ event }) => event.type)).toContain(
      'credentials-allowed',
    )
  })
})
