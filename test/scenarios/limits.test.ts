import { describe, expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { planned } from '../support/run.ts'
import { worksWell } from './agents.ts'
import { Stage, type WorkerTurn } from './stage.ts'

const plan = (count: number) =>
  Array.from({ length: count }, (_, index) => planned(`task-${index + 1}`))
const minutes = 60_000

/** The first turn of the first task meets this. */
const meets =
  (modelError: (stage: Stage) => ModelError): WorkerTurn =>
  async (turn) =>
    turn.task === 'task-1' && turn.count === 1 ? modelError(turn.stage) : worksWell(turn)

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
      work: meets(({ clock }) => ({
        kind: 'quota',
        window: 'weekly',
        until: clock.now() + 300 * minutes,
      })),
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
})
