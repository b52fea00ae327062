import { type InstanceId, type LineId, type TaskId, workerId } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import { isDone, type Task } from '../model/task.ts'

export const taskListPath = (worker: number): string => `WORKER_${worker}_TASK_LIST.md`

/** The number of the worker whose list a path is, null when it is none. */
export function taskListWorker(path: string): number | null {
  const number = /^WORKER_([1-9]\d*)_TASK_LIST\.md$/.exec(path)?.[1]
  return number === undefined ? null : Number(number)
}

/**
 * Path → text of every list on one line; a file of this name that is no key is to be removed. The
 * task `landing` is shown as merged.
 */
export function renderTaskLists(
  state: State,
  line: LineId,
  landing: TaskId | null,
): Readonly<Record<string, string>> {
  const lists: Record<string, string> = {}
  const listed = [...state.tasks.values()].filter((task) => task.line === line && isListed(task))
  const listOf = Map.groupBy(listed, ({ assignee }) => assignee)
  for (const worker of listedWorkers(state, listOf)) {
    const tasks = listOf.get(workerId(worker)) ?? []
    lists[taskListPath(worker)] = renderTaskList(worker, tasks, landing)
  }
  return lists
}

/** The team, and workers of before who have finished something. */
function listedWorkers(
  { policy, instances }: State,
  listOf: ReadonlyMap<InstanceId, readonly Task[]>,
): readonly number[] {
  const team = Array.from({ length: policy.workerCount }, (_, index) => index + 1)
  const others = [...listOf.keys()].flatMap((id) => instances.get(id)?.number ?? [])
  return [...new Set([...team, ...others])].toSorted((one, other) => one - other)
}

const isListed = ({ phase }: Task): boolean =>
  phase.name !== 'proposed' && phase.name !== 'cancelled'

function renderTaskList(worker: number, tasks: readonly Task[], landing: TaskId | null): string {
  const intro =
    'The orchestrator writes this list and ticks an item in the commit that merges its task.\n' +
    'To change the plan, edit the list on this branch: add an item, change one that no worker has\n' +
    'started, remove one to cancel it, or tick one that is done.'
  const items = tasks.map((task) => renderItem(task, task.id === landing || isDone(task.phase)))
  const parts = [asItIs.join('\n'), `# Tasks of worker ${worker}`, intro, ...items, endOfAsItIs]
  return `${parts.join('\n\n')}\n`
}

/**
 * For editorconfig-checker, markdownlint and prettier: a project that checks its files must not
 * fail on a list. What Managers and people write as a task need not follow the project's rules.
 */
const asItIs = [
  '<!-- editorconfig-checker-disable-file -->',
  '<!-- markdownlint-disable-file -->',
  '<!-- prettier-ignore-start -->',
]
const endOfAsItIs = '<!-- prettier-ignore-end -->'

function renderItem(task: Task, isTicked: boolean): string {
  const head = `- [${isTicked ? 'x' : ' '}] ${task.id}: ${task.title}`
  const body = task.body.trim()
  const depends = `depends: ${task.dependsOn.join(', ')}`.trim()
  // In the second line it can neither be part of a block of the body, nor the other way round.
  if (mayTakeInWhatFollows.test(body)) return [head, indent(`${depends}\n\n${body}`)].join('\n')
  return [head, indent(body), task.dependsOn.length > 0 ? indent(depends) : '']
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Code, HTML, or a paragraph that reads like the dependencies. */
const mayTakeInWhatFollows = /^[^\S\n]*(?:```|~~~|<|depends:)/m

/** No line ends in spaces. A pattern would take the square of the length of a run of spaces. */
const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^(?=.)/gm, '  ')
