import type { ListEdit, PlannedTask } from '../model/plan.ts'
import { TaskId } from '../model/ids.ts'

/** One item of a task list, as read from Markdown. */
export interface ListedTask {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly string[]
  readonly isTicked: boolean
}

export interface ListRevision {
  readonly worker: number
  readonly before: readonly ListedTask[]
  readonly after: readonly ListedTask[]
  /** The whole file is gone, or empty. */
  readonly isDeleted: boolean
}

/**
 * The edits between two revisions of the lists. An item moved to another list changed its worker.
 */
export function listEdits(revisions: readonly ListRevision[]): readonly ListEdit[] {
  const before = new Map(
    revisions.flatMap(({ worker, before: items }) =>
      items.map((item) => [item.id, { worker, item }] as const),
    ),
  )
  const after = new Map(
    revisions.flatMap(({ worker, after: items }) =>
      items.map((item) => [item.id, { worker, item }] as const),
    ),
  )
  const edits: ListEdit[] = []
  for (const [id, { worker, item }] of after) {
    const known = before.get(id)
    const task = asPlanned(item, worker)
    if (!known) {
      edits.push({ type: 'added', task })
      if (item.isTicked) edits.push({ type: 'ticked', task: TaskId(id) })
    } else if (item.isTicked && !known.item.isTicked)
      edits.push({ type: 'ticked', task: TaskId(id) })
    else if (known.worker !== worker || !isSame(known.item, item))
      edits.push({ type: 'changed', task })
  }
  for (const { worker, before: items, isDeleted } of revisions) {
    const tasks = items.flatMap(({ id }) => (after.has(id) ? [] : [TaskId(id)]))
    if (isDeleted) edits.push({ type: 'list-deleted', worker, tasks })
    else edits.push(...tasks.map((task) => ({ type: 'removed', task, worker }) as const))
  }
  return edits
}

function asPlanned({ id, title, body, dependsOn }: ListedTask, worker: number): PlannedTask {
  return {
    id: TaskId(id),
    title,
    body,
    dependsOn: dependsOn.map(TaskId),
    line: null,
    worker,
    replaces: null,
  }
}

function isSame(one: ListedTask, other: ListedTask): boolean {
  return (
    one.title === other.title &&
    one.body === other.body &&
    one.dependsOn.join() === other.dependsOn.join()
  )
}
