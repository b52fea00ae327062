import { softDeleteBackups } from '../entities/backup.ts'
import type { Draft } from '../model/draft.ts'
import type { Commit, TaskId } from '../model/ids.ts'
import type { OutdatedWork } from '../model/task.ts'

/** The work of the task is on its line, in this merge. */
export function landMerge(draft: Draft, id: TaskId, commit: Commit): void {
  draft.removeMerge(id)
  draft.enterTask(id, { name: 'merged', commit })
  softDeleteBackups(draft, id)
  draft.notifyManager({ type: 'merged', task: id })
}

/**
 * Returns the task to its worker because a person rewrote the origin. That is no failure of the
 * work, so it does not count.
 */
export function returnOutdated(draft: Draft, id: TaskId, returned: OutdatedWork): void {
  draft.removeMerge(id)
  draft.enterTask(id, { name: 'conflicted' }, { returned })
  draft.notifyManager({ type: 'conflict', task: id })
}
