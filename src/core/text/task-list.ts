import { type LineId, type TaskId, workerId } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import { isDone, type Task } from '../model/task.ts'

export const taskListPath = (worker: number): string => `WORKER_${worker}_TASK_LIST.md`

/** The number of the worker whose list a path is, null when it is none. */
export function taskListWorker(path: string): number | null {
  const number = /^WORKER_([1-9]\d*)_TASK_LIST\.md$/.exec(path)?.[1]
  return number === undefined ? null : Number(number)
}

/** Path → text of every worker's list on one line. The task `landing` is shown as merged. */
export function renderTaskLists(
  state: State,
  line: LineId,
  landing: TaskId | null,
): Readonly<Record<string, string>> {
  const lists: Record<string, string> = {}
  const listed = [...state.tasks.values()].filter((task) => task.line === line && isListed(task))
  const listOf = Map.groupBy(listed, ({ assignee }) => assignee)
  for (let worker = 1; worker <= state.policy.workerCount; worker += 1) {
    const tasks = listOf.get(workerId(worker)) ?? []
    lists[taskListPath(worker)] = renderTaskList(worker, tasks, landing)
  }
  return lists
}

const isListed = ({ phase }: Task): boolean =>
  phase.name !== 'proposed' && phase.name !== 'cancelled'

function renderTaskList(worker: number, tasks: readonly Task[], landing: TaskId | null): string {
  const intro =
    'The orchestrator writes this list and ticks an item in the commit that merges its task.\n' +
    'To change the plan, edit the list on this branch: add an item, change one that no worker has\n' +
    'started, remove one to cancel it, or tick one that is done.'
  const items = tasks.map((task) => renderItem(task, task.id === landing || isDone(task.phase)))
  return `${[`# Tasks of worker ${worker}`, intro, ...items].join('\n\n')}\n`
}

function renderItem(task: Task, isTicked: boolean): string {
  const parts = [`- [${isTicked ? 'x' : ' '}] ${task.id}: ${task.title}`]
  if (task.body.trim() !== '') parts.push(indent(task.body.trim()))
  if (task.dependsOn.length > 0) parts.push(indent(`depends: ${task.dependsOn.join(', ')}`))
  return parts.join('\n\n')
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ')
