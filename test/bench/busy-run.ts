import { TaskId } from '../../src/core/model/ids.ts'
import { tasksOf } from '../../src/core/model/task-groups.ts'
import { commit, planned, Run } from '../support/run.ts'

export interface Size {
  readonly tasks: number
  readonly workers: number
}

/** As many as a plan may hold at a time; the others of a larger run are merged. */
const mostOpen = 1_000

/** A run with a task for each worker, if there are enough. Every tenth task waits for another. */
export function busyRun({ tasks, workers }: Size): Run {
  const plan = Array.from({ length: Math.min(tasks, mostOpen) }, (_, index) =>
    planned(`task-${index}`, {
      worker: (index % workers) + 1,
      dependsOn: index % 10 === 9 ? [TaskId(`task-${index - 1}`)] : [],
    }),
  )
  const run = new Run({ workerCount: workers }).planned(plan)
  for (const { id, phase, role } of run.state.instances.values())
    if (role !== 'manager' && phase.name === 'prompted') run.confirmed(id)
  const [first] = run.state.tasks.values()
  if (first === undefined) throw new Error('the plan has no task')
  const phase = { name: 'merged', since: run.at, commit: commit('merged') } as const
  const merged = Array.from({ length: tasks - plan.length }, (_, index) => ({
    ...first,
    id: TaskId(`merged-${index}`),
    phase,
  }))
  run.state = { ...run.state, tasks: tasksOf([...merged, ...run.state.tasks.values()]) }
  return run
}
