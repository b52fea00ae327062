import { type LineId, TaskId } from '../model/ids.ts'
import type { Line } from '../model/line.ts'
import type { State } from '../model/state.ts'
import { isOver, type Task } from '../model/task.ts'

/** The line whose conflict with its origin the task resolves; null for any other task. */
export function lineMergedBy({ lines }: State, task: TaskId): Line | null {
  for (const line of lines.values()) if (line.conflict?.task === task) return line
  return null
}

/** The open task that merges the origin's commits into the line; null when there is none. */
export function originMergeOf(state: State, line: LineId): Task | null {
  const id = state.lines.get(line)?.conflict?.task
  const task = id === undefined ? undefined : state.tasks.get(id)
  return task !== undefined && !isOver(task.phase) ? task : null
}

/** An id that no task has. */
export function originMergeId({ tasks }: State): TaskId {
  for (let number = 1; ; number += 1) {
    const id = TaskId(number === 1 ? 'merge-origin' : `merge-origin-${number}`)
    if (!tasks.has(id)) return id
  }
}

/** A person has to judge the history of the line's origin. */
export const isRewritten = ({ lines }: State, line: LineId): boolean =>
  (lines.get(line)?.rewrite ?? null) !== null
