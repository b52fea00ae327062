import type { PlannedTask } from '../model/plan.ts'
import { isTaskId, type TaskId, workerId } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'
import { lineMergedBy } from './origin-conflict.ts'
import { findCycle } from './plan-cycle.ts'
import { openTaskCount } from './plan-progress.ts'
import { isUntouched } from './task.ts'

/**
 * Tasks that may be open at a time: some weeks of work. Every decision and every list grows with
 * them, and a Manager or a person may add more by mistake.
 */
const mostOpenTasks = 1_000

/**
 * Why these tasks cannot enter the plan; each problem is one sentence that the Manager can act on.
 */
export function planProblems(
  state: State,
  planned: readonly PlannedTask[],
  by: 'manager' | 'operator',
): readonly string[] {
  const problems: string[] = []
  const seen = new Set<string>()
  const ids = new Set(planned.map((task) => task.id))
  for (const task of planned) {
    const { id, line, title, dependsOn, worker } = task
    if (!isTaskId(id))
      problems.push(
        `"${String(id)}" is not a task id: use 1 to 48 of a-z, 0-9 and -, ` +
          'and begin and end with a letter or digit.',
      )
    if (seen.has(id)) problems.push(`Task ${id} appears twice.`)
    seen.add(id)
    const known = state.tasks.get(id)
    if (known && isSame(state, known, task)) continue
    if (known?.phase.name === 'cancelled') {
      if (by === 'manager' && known.phase.by === 'operator')
        problems.push(
          `Task ${id} was cancelled by a person: leave it out, or plan other work with another id.`,
        )
    } else if (known && !isUntouched(known))
      problems.push(
        `Task ${id} is ${known.phase.name}: a task that was started cannot be replaced.`,
      )
    if (known && lineMergedBy(state, known.id) !== null)
      problems.push(`Task ${id} merges what others pushed: choose another id.`)
    if (title.trim() === '' || title.includes('\n'))
      problems.push(`Task ${id} needs a title of one line.`)
    if (worker !== null && (worker < 1 || worker > state.policy.workerCount)) {
      problems.push(
        `Task ${id} names worker ${worker}: there are workers 1 to ${state.policy.workerCount}.`,
      )
    }
    if (line !== null && !state.lines.has(line))
      problems.push(
        `Task ${id} names line ${line}: there are ${[...state.lines.keys()].join(', ')}.`,
      )
    for (const other of dependsOn) {
      const isKnown = ids.has(other) || state.tasks.has(other)
      if (!isKnown) problems.push(`Task ${id} depends on ${other}, which is not in the plan.`)
      const phase = state.tasks.get(other)?.phase
      if (phase?.name === 'cancelled' && !ids.has(other))
        problems.push(`Task ${id} depends on ${other}, which is ${phase.name}.`)
    }
  }
  const added = planned.filter(({ id }) => isNew(state, id)).length
  const open = openTaskCount(state) + added
  if (added > 0 && open > mostOpenTasks)
    problems.push(
      `The plan would have ${open} open tasks, at most ${mostOpenTasks} may be open at a time: ` +
        'add the others when some of these are done.',
    )
  const cycle = findCycle(state, planned)
  if (cycle) problems.push(`Tasks depend on each other in a circle: ${cycle.join(' → ')}.`)
  return problems
}

/**
 * Those that the plan does not hold as they are: to submit one of the others changes nothing. A
 * cancelled one is planned again.
 */
export const changesOf = (state: State, planned: readonly PlannedTask[]): readonly PlannedTask[] =>
  planned.filter((task) => {
    const known = state.tasks.get(task.id)
    return !known || !isSame(state, known, task)
  })

/**
 * The list of a task that was started says who takes it, not who was to. Dependencies on cancelled
 * tasks, which a task may have that a person did, do not count: a plan leaves them out.
 */
const isSame = (
  { tasks }: State,
  known: Task,
  { line, title, body, dependsOn, worker, replaces }: PlannedTask,
): boolean =>
  known.phase.name !== 'cancelled' &&
  known.title === title &&
  known.body === body &&
  withoutCancelled(tasks, known.dependsOn).join() === withoutCancelled(tasks, dependsOn).join() &&
  (line === null || line === known.line) &&
  (replaces ?? []).every((path) => known.replaces.includes(path)) &&
  (worker === null || workerId(worker) === known.assignee || !isUntouched(known))

const withoutCancelled = (tasks: State['tasks'], ids: readonly TaskId[]): readonly TaskId[] =>
  ids.filter((id) => tasks.get(id)?.phase.name !== 'cancelled')

/** Whether to plan the task adds one to the plan. */
export function isNew({ tasks }: State, id: TaskId): boolean {
  const phase = tasks.get(id)?.phase
  return phase === undefined || phase.name === 'cancelled'
}
