import { type TaskId, workerId } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'

export const taskListPath = (worker: number): string => `WORKER_${worker}_TASK_LIST.md`

/** The number of the worker whose list a path is, null when it is none. */
export function taskListWorker(path: string): number | null {
  const number = /^WORKER_([1-9]\d*)_TASK_LIST\.md$/.exec(path)?.[1]
  return number === undefined ? null : Number(number)
}

/** Every worker's list as it should read on the target branch: path → text. `landing` counts as merged already. */
export function renderTaskLists(
  state: State,
  landing: TaskId | null,
): Readonly<Record<string, string>> {
  const lists: Record<string, string> = {}
  for (let worker = 1; worker <= state.rules.workerCount; worker += 1) {
    const tasks = [...state.tasks.values()].filter(
      (task) => task.assignee === workerId(worker) && isListed(task),
    )
    lists[taskListPath(worker)] = renderTaskList(worker, tasks, landing)
  }
  return lists
}

const isListed = ({ phase }: Task): boolean =>
  phase.name !== 'proposed' && phase.name !== 'cancelled'

function renderTaskList(worker: number, tasks: readonly Task[], landing: TaskId | null): string {
  const intro =
    'Kept by the orchestrator: an item is ticked in the commit that merges its task. Edit it on this branch to change the plan:\n' +
    'add an item, reword one that nobody has begun, remove or tick one to drop it.'
  const items = tasks.map((task) =>
    renderItem(task, task.id === landing || task.phase.name === 'merged'),
  )
  return `${[`# Tasks of worker ${worker}`, intro, ...items].join('\n\n')}\n`
}

function renderItem(task: Task, isTicked: boolean): string {
  const parts = [`- [${isTicked ? 'x' : ' '}] ${task.id}: ${task.title}`]
  if (task.body.trim() !== '') parts.push(indent(task.body.trim()))
  if (task.dependsOn.length > 0) parts.push(indent(`depends: ${task.dependsOn.join(', ')}`))
  return parts.join('\n\n')
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ')
