import { GroupedTable } from '../../lib/grouped-table.ts'
import type { InstanceId, TaskId } from './ids.ts'
import { isOpen, isOver, type Task } from './task.ts'

/**
 * All tasks in the order of the plan, with the groups by which rules find those that may change: no
 * rule needs to visit every task. A group keeps the order of the plan, too.
 */
export type Tasks = GroupedTable<TaskId, Task, TaskGroup>

type TaskGroup =
  | Task['phase']['name']
  | `${'unfinished of' | 'open for' | 'queued for' | 'returned to' | 'dependent on'} ${string}`

export const tasksOf = (tasks: Iterable<Task>): Tasks => GroupedTable.of(tasks, groupsOf)

/** The tasks of this worker's list that are not over. */
export const unfinishedOf = (worker: InstanceId): TaskGroup => `unfinished of ${worker}`

/** The tasks of this worker's list that may be assigned now. */
export const openFor = (worker: InstanceId): TaskGroup => `open for ${worker}`

/** The open tasks of this worker's list that were not returned. */
export const queuedFor = (worker: InstanceId): TaskGroup => `queued for ${worker}`

/**
 * The open tasks of this worker's list that were returned. The worker held them last, unless that
 * one is gone.
 */
export const returnedTo = (worker: InstanceId): TaskGroup => `returned to ${worker}`

export const dependentsOf = (task: TaskId): TaskGroup => `dependent on ${task}`

function groupsOf(task: Task): readonly TaskGroup[] {
  const { phase, assignee, dependsOn } = task
  const groups: TaskGroup[] = [phase.name, ...dependsOn.map(dependentsOf)]
  if (!isOver(phase)) groups.push(unfinishedOf(assignee))
  if (!isOpen(phase)) return groups
  groups.push(openFor(assignee))
  groups.push(phase.name === 'queued' ? queuedFor(assignee) : returnedTo(assignee))
  return groups
}
