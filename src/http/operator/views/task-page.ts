import type { Task } from '../../../core/model/task.ts'
import type { Policy } from '../../../core/model/policy.ts'
import type { State } from '../../../core/model/state.ts'
import { refuse } from '../../../lib/refuse.ts'
import type { StatusQuery, StatusView } from '../../contract/status.ts'
import type { TaskView } from '../../contract/task.ts'
import type { CurlOf } from './curl.ts'
import { viewTask } from './task.ts'

/** The tasks that a query asks for; throws a 404 when it names a task that is none. */
export function viewTasks(
  { tasks, policy }: Pick<State, 'tasks' | 'policy'>,
  { tasks: most, after }: StatusQuery,
  curl: CurlOf,
): Pick<StatusView, 'tasks' | 'moreTasksAfter'> {
  const shown: TaskView[] = []
  let isBefore = after !== undefined
  for (const task of tasks.values()) {
    if (shown.length === most) return { tasks: shown, moreTasksAfter: shown.at(-1)?.id ?? null }
    if (!isBefore) shown.push(viewOf(task, policy, curl))
    if (task.id === after) isBefore = false
  }
  if (isBefore) throw refuse(404, `"after" names no task of the plan: ${after}`)
  return { tasks: shown, moreTasksAfter: null }
}

interface Kept {
  readonly policy: Policy
  readonly curl: CurlOf
  readonly view: TaskView
}

const views = new WeakMap<Task, Kept>()

/** A row that did not change is the same object, and so is its view. */
function viewOf(task: Task, policy: Policy, curl: CurlOf): TaskView {
  const known = views.get(task)
  if (known?.policy === policy && known.curl === curl) return known.view
  const view = viewTask(task, policy, curl)
  views.set(task, { policy, curl, view })
  return view
}
