import { cancelWithDependents } from '../entities/plan.ts'
import { markAllOutOfSync } from '../entities/sync.ts'
import { takeAway } from '../entities/task.ts'
import type { Draft } from '../model/draft.ts'
import type { TaskId } from '../model/ids.ts'
import type { TaskPhase } from '../model/task.ts'

/** Cancels an open task, with what depends on it. The work of a worker that holds it is saved.
 * Returns the tasks that depended on it. */
export function dropTask(
  draft: Draft,
  id: TaskId,
  reason: string,
  by: Extract<TaskPhase, { name: 'cancelled' }>['by'],
): readonly TaskId[] {
  takeAway(draft, id, 'the task is cancelled')
  const gone = cancelWithDependents(draft, id, reason, by)
  markAllOutOfSync(draft, 'lists')
  return gone
}
