import { addNotices } from '../entities/notices.ts'
import { markAllOutOfSync, markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { Commit, TaskId } from '../model/ids.ts'
import type { ReplayedMerge, ReturnedMerge } from '../model/rewrite.ts'
import type { SyncEvent } from '../model/sync-event.ts'
import { dependentsOf } from '../model/task-groups.ts'
import { resumeWork } from './ending.ts'
import { landMerge, returnOutdated } from './merge-outcomes.ts'
import { abandonConflict } from './origin-conflicts.ts'
import { endRewrite } from './origin-rewrites.ts'

type Followed = Extract<SyncEvent, { type: 'origin-followed' }>

/**
 * The line is at the new history of its origin. The outcome of a command that was issued again
 * after it had been applied changes nothing.
 */
export function followOrigin(draft: Draft, event: Followed): void {
  const { line, before, after, head, former } = event
  const { rewrite } = draft.line(line)
  if (rewrite?.before !== before || rewrite.after !== after) return
  draft.setLine(line, { head })
  endRewrite(draft, line)
  markOutOfSync(draft, line, 'publish')
  markAllOutOfSync(draft, 'lists')
  // No gate has seen the replayed work together with the new history.
  if (draft.state.policy.checks.length > 0) markOutOfSync(draft, line, 'checks')
  for (const each of event.replayed) moveMerge(draft, each)
  for (const each of event.returned) returnMerge(draft, each, former)
  abandonConflict(draft, line)
  noticeRemoved(draft, event)
  if (event.returned.some(({ task }) => draft.state.tasks.get(task)?.phase.name === 'conflicted'))
    resumeWork(draft)
}

/** The task's work is on the new history, in another commit. */
function moveMerge(draft: Draft, { task, from, to, work }: ReplayedMerge): void {
  const known = draft.state.tasks.get(task)?.phase
  if (known?.name === 'merged' && known.commit === from)
    draft.setTask(task, { phase: { ...known, commit: to } })
  // It had landed, and the server ended before it recorded that.
  else if (isInQueue(draft, task, work)) landMerge(draft, task, to)
}

/** The task's work is on the old history only: its worker does it again on the new one. */
function returnMerge(draft: Draft, merge: ReturnedMerge, former: string): void {
  const { task, from, work, paths } = merge
  const known = draft.state.tasks.get(task)?.phase
  const isMerged = known?.name === 'merged' && known.commit === from
  if (!isMerged && !isInQueue(draft, task, work)) return
  returnOutdated(draft, task, { kind: 'rewritten', former, merge: from, paths })
  // A new attempt starts from the new history.
  draft.setTask(task, { commit: null })
  for (const { id, phase } of draft.state.tasks.in(dependentsOf(task)))
    if (phase.name === 'queued') draft.enterTask(id, { name: 'waiting' })
}

const isInQueue = ({ state }: Draft, task: TaskId, work: Commit | null): boolean =>
  state.tasks.get(task)?.phase.name === 'merging' &&
  state.merges.some((merge) => merge.task === task && merge.commit === work)

/** Such tasks stay merged: a person decided about their work, and the Manager can plan it again. */
function noticeRemoved(draft: Draft, { line, former, removed }: Followed): void {
  const tasks = removed.flatMap(({ task, from }) => {
    const phase = draft.state.tasks.get(task)?.phase
    return phase?.name === 'merged' && phase.commit === from ? [task] : []
  })
  if (tasks.length === 0) return
  const shown = tasks.slice(0, mostNamed).join(', ')
  const more = tasks.length > mostNamed ? ` and ${tasks.length - mostNamed} more` : ''
  const { branch } = draft.line(line)
  addNotices(draft, 'rewritten', line, [
    `A person removed the merged work of ${shown}${more} from ${branch} of the origin. The tasks stay ` +
      `merged, and their work is not brought back. The hub keeps it in ${former}.`,
  ])
  draft.notifyManager({ type: 'origin-followed' })
}

const mostNamed = 10
