import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../test/support/run.ts'
import { steps, walks } from '../../test/support/walk.ts'
import { decide } from './decide.ts'
import { backupsOf } from './model/backup-groups.ts'
import { teamOf } from './model/roles.ts'
import { isRunOver } from './model/run.ts'
import type { State } from './model/state.ts'
import { isOpen, isOver, type Task } from './model/task.ts'
import {
  dependentsOf,
  openFor,
  queuedFor,
  returnedTo,
  tasksOf,
  unfinishedOf,
} from './model/task-groups.ts'

/** Follows random walks, and looks at the run after each step. */
function afterEachStep(look: (run: Run, n: number) => void): void {
  fc.assert(
    fc.property(walks({ minLength: 30, maxLength: 120 }), ({ begin, path }) => {
      const run = begin()
      for (const { name, n } of path) {
        steps[name]?.(run, n)
        look(run, n)
      }
    }),
    { numRuns: 150 },
  )
}

describe('the state after each decision', () => {
  it('has the groups of tasks that a scan of all tasks finds', () => {
    afterEachStep(({ state: { tasks, instances } }) => {
      const scanned = (belongs: (task: Task) => boolean): Task[] =>
        [...tasks.values()].filter(belongs)
      const names = new Set([...tasks.values()].map(({ phase }) => phase.name))
      for (const name of names)
        expect(tasks.in(name)).toEqual(scanned(({ phase }) => phase.name === name))
      for (const worker of instances.keys()) {
        const own = scanned(({ assignee }) => assignee === worker)
        const returned = own.filter(({ phase }) => isOpen(phase) && phase.name !== 'queued')
        expect(tasks.in(unfinishedOf(worker))).toEqual(own.filter(({ phase }) => !isOver(phase)))
        expect(tasks.in(openFor(worker))).toEqual(own.filter(({ phase }) => isOpen(phase)))
        expect(tasks.in(queuedFor(worker))).toEqual(
          own.filter(({ phase }) => phase.name === 'queued'),
        )
        expect(tasks.in(returnedTo(worker))).toEqual(returned)
      }
      for (const id of tasks.keys())
        expect(tasks.in(dependentsOf(id))).toEqual(
          scanned(({ dependsOn }) => dependsOn.includes(id)),
        )
    })
  })

  it('has the groups that a load builds again', () => {
    afterEachStep(({ state: { tasks, backups } }) => {
      const loaded = { tasks: tasksOf(tasks.values()), backups: backupsOf(backups.values()) }
      expect({ tasks, backups }).toEqual(loaded)
      for (const { phase, assignee } of tasks.values()) {
        expect(loaded.tasks.in(phase.name)).toEqual(tasks.in(phase.name))
        expect(loaded.tasks.in(openFor(assignee))).toEqual(tasks.in(openFor(assignee)))
      }
      for (const { task } of backups.values())
        expect(loaded.backups.in(task)).toEqual(backups.in(task))
    })
  })

  it('has no task that is not over on the list of a worker outside the team', () => {
    afterEachStep(({ state: { run, policy, tasks, instances } }) => {
      for (const { assignee } of tasks.values()) expect(instances.has(assignee)).toBe(true)
      // A start while the team is stopped adopts it when there is work again.
      const isAtWork = run.phase.name !== 'publishing' && !isRunOver(run)
      const team = new Set(teamOf(policy).map(({ id }) => id))
      const isLost = ({ phase, assignee }: Task) => !isOver(phase) && !team.has(assignee)
      expect(isAtWork ? [...tasks.values()].filter(isLost) : []).toEqual([])
    })
  })

  it('has no waiting task whose dependencies are all merged, while the run is executing', () => {
    afterEachStep(({ state }) => {
      expect(state.run.phase.name === 'executing' ? mayBeQueued(state) : []).toEqual([])
    })
  })
})

describe('a decision', () => {
  it('is the same without the time of the last one, unless the clock was set back', () => {
    afterEachStep((run, n) => {
      const { state, at: decidedAt } = run
      for (const at of [decidedAt, decidedAt + n]) {
        const tick = { type: 'clock-ticked', at } as const
        expect(decide(state, tick, decidedAt)).toEqual(decide(state, tick, null))
      }
      // Some steps come after the clock was set back.
      if (n % 10 === 0) run.later(-n * 1_000)
    })
  })
})

const mayBeQueued = ({ tasks }: State): readonly Task[] =>
  [...tasks.values()].filter(
    ({ phase, dependsOn }) =>
      phase.name === 'waiting' &&
      dependsOn.every((id) => ['merged', 'done'].includes(tasks.get(id)?.phase.name ?? '')),
  )
