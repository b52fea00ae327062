import type { Task } from '../../../core/model/task.ts'
import type { Tasks } from '../../../core/model/task-groups.ts'
import { refuse } from '../../../lib/refuse.ts'
import type { StatusQuery, StatusView } from '../../contract/status.ts'
import type { TaskView } from '../../contract/task.ts'
import type { CurlOf } from './curl.ts'
import { viewTask } from './task.ts'

/** The tasks that a query asks for; throws a 404 when it names a task that is none. */
export function viewTasks(
  tasks: Tasks,
  { tasks: most, after }: StatusQuery,
  curl: CurlOf,
): Pick<StatusView, 'tasks' | 'moreTasksAfter'> {
  const shown: TaskView[] = []
  let isBefore = after !== undefined
  for (const task of tasks.values()) {
    if (shown.length === most) return { tasks: shown, moreTasksAfter: shown.at(-1)?.id ?? null }
    if (!isBefore) shown.push(viewOf(task, curl))
    if (task.id === after) isBefore = false
  }
  if (isBefore) throw refuse(404, `"after" names no task of the plan: ${after}`)
  return { tasks: shown, moreTasksAfter: null }
}

const viewsBy = new WeakMap<CurlOf, WeakMap<Task, TaskView>>()

/** A row that did not change is the same object, and so is its view. */
function viewOf(task: Task, curl: CurlOf): TaskView {
  const views = viewsBy.get(curl) ?? new WeakMap<Task, TaskView>()
  viewsBy.set(curl, views)
  const known = views.get(task)
  if (known !== undefined) return known
  const view = viewTask(task, curl)
  views.set(task, view)
  return view
}
