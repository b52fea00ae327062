import { backOffMs } from '../model/back-off.ts'
import { softDeleteBackups } from '../entities/backup.ts'
import { missedAlarmMs } from '../entities/clock-skew.ts'
import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { MergeEvent } from '../model/event.ts'
import type { Commit, InstanceId, Instant, LineId, TaskId } from '../model/ids.ts'
import type { Merge } from '../model/merge.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { lateReason } from '../model/retry.ts'
import type { State } from '../model/state.ts'
import type { Returned } from '../model/task.ts'
import { block } from '../entities/task.ts'
import { isRewritten } from '../entities/origin-conflict.ts'
import { noteOriginMerge } from './origin-conflicts.ts'

/** Appends the reported commit to the merge queue. */
export function queueMerge(draft: Draft, task: TaskId, instance: InstanceId, commit: Commit): void {
  const { line } = draft.task(task)
  draft.addMerge({ line, task, instance, commit, phase: { name: 'queued', since: draft.at } })
}

/**
 * Failed tries in a row after which a merge moves to the end of the queue; with the default
 * back-off about half a minute.
 */
const maxTriesAtHead = 5

/** The first merge of each line. */
export function mergeHeads({ merges }: State): readonly Merge[] {
  const heads = new Map<LineId, Merge>()
  for (const merge of merges) if (!heads.has(merge.line)) heads.set(merge.line, merge)
  return [...heads.values()]
}

/** Starts the first merge of each line if it is due. One merge of a line runs at a time. */
export function startNextMerges(draft: Draft): void {
  for (const { line, task, instance, commit, phase } of mergeHeads(draft.state)) {
    const isDue = phase.name === 'queued' || (phase.name === 'failed' && phase.until <= draft.at)
    // Nothing is merged onto a history that a person has to judge.
    if (!isDue || isRewritten(draft.state, line)) continue
    const tries = phase.name === 'failed' ? phase.tries : 0
    draft.enterMerge(task, { name: 'trying', tries })
    draft.enterTask(task, { name: 'merging', instance, commit })
    draft.issue({ type: 'merge-task', line, task, commit })
  }
}

/**
 * After a restart no merge is under way: it is queued again, and its next try detects whether it
 * landed.
 */
export function resumeMerges(draft: Draft): void {
  for (const head of mergeHeads(draft.state))
    if (isUnderWay(head)) draft.enterMerge(head.task, { name: 'queued' })
}

const isUnderWay = ({ phase }: Merge): boolean =>
  phase.name === 'trying' || phase.name === 'checking'

/** When the first merge of a line is tried again or, while it is under way, times out. */
export function mergeDue(head: Merge, state: State): Instant | null {
  if (isUnderWay(head)) return head.phase.since + hubTimeoutMs(state.policy)
  return head.phase.name === 'failed' && !isRewritten(state, head.line) ? head.phase.until : null
}

/** Fails merges whose outcome was not reported in time; the next try detects whether it landed. */
export function expireMerges(draft: Draft): void {
  for (const head of mergeHeads(draft.state)) expireMerge(draft, head)
}

function expireMerge(draft: Draft, head: Merge): void {
  const due = mergeDue(head, draft.state)
  if (!isUnderWay(head) || due === null || due > draft.at) return
  // While the machine slept, the command had no time to end.
  if (draft.at - due > missedAlarmMs) restartMergeDeadline(draft, head)
  else
    failMerge(draft, head, {
      reason: lateReason(hubTimeoutMs(draft.state.policy)),
      mayHaveLanded: true,
    })
}

const restartMergeDeadline = (draft: Draft, { task, phase }: Merge): void =>
  draft.setMerge(task, { phase: { ...phase, since: draft.at } })

type Verdict = Extract<MergeEvent, { commit: Commit }>

/** Why the event is not about the merge under way; null when it is. */
export function staleMergeEvent(draft: Draft, { task, commit }: Verdict): string | null {
  const head = mergeHeads(draft.state).find((merge) => merge.task === task)
  return head?.commit === commit ? null : `no merge of ${task} at ${commit} is under way`
}

export function applyMergeEvent(draft: Draft, verdict: Verdict): void {
  const { task: id } = verdict
  const head = draft.merge(id)
  switch (verdict.type) {
    case 'merge-checking':
      return startChecks(draft, head)
    case 'merge-landed':
      draft.removeMerge(id)
      draft.enterTask(id, { name: 'merged', commit: verdict.merge })
      softDeleteBackups(draft, id)
      draft.setLine(head.line, { head: verdict.head })
      draft.notifyManager({ type: 'merged', task: id })
      noteOriginMerge(draft, head.line, id)
      return markOutOfSync(draft, head.line, 'publish')
    case 'merge-conflicted':
      draft.removeMerge(id)
      return returnToOwner(draft, id, {
        kind: 'conflict',
        paths: verdict.paths,
        tasks: verdict.tasks,
      })
    case 'merge-rejected':
      draft.removeMerge(id)
      return returnToOwner(draft, id, { kind: 'checks', output: verdict.output })
    case 'merge-failed':
      return isUnderWay(head) ? failMerge(draft, head, verdict) : undefined
  }
}

/** Returns the task to its worker. Returned too often, it is blocked until the Manager decides. */
function returnToOwner(draft: Draft, id: TaskId, returned: Returned): void {
  const reworkCount = draft.task(id).reworkCount + 1
  draft.setTask(id, { reworkCount, returned })
  if (reworkCount > draft.state.policy.returns)
    return block(draft, id, null, questionAfterReturns(returned, reworkCount))
  draft.enterTask(id, { name: returned.kind === 'conflict' ? 'conflicted' : 'rejected' })
  draft.notifyManager({ type: returned.kind === 'conflict' ? 'conflict' : 'rejected', task: id })
}

function questionAfterReturns(returned: Returned, reworkCount: number): string {
  const problem =
    returned.kind === 'conflict'
      ? `conflicts in ${returned.paths.join(', ')}`
      : 'checks that fail on the merged tree'
  return (
    `The work was returned ${reworkCount} times: ${problem}. ` +
    'Say how to continue, give it to another worker, or cancel it.'
  )
}

function failMerge(
  draft: Draft,
  { task, phase }: Merge,
  {
    reason,
    mayHaveLanded,
  }: Pick<Extract<Verdict, { type: 'merge-failed' }>, 'reason' | 'mayHaveLanded'>,
): void {
  const tries = 'tries' in phase ? phase.tries + 1 : 1
  const until = draft.at + backOffMs(tries, draft.state.policy)
  draft.enterMerge(task, { name: 'failed', reason, tries, until, mayHaveLanded })
  // A merge that keeps failing may be at fault itself: the others come before its next try.
  if (tries % maxTriesAtHead === 0) draft.deferMerge(task)
}

/** Checks that run again because the target moved get their full time again. */
function startChecks(draft: Draft, head: Merge): void {
  const { phase } = head
  if (phase.name === 'trying') draft.enterMerge(head.task, { ...phase, name: 'checking' })
  else if (phase.name === 'checking') restartMergeDeadline(draft, head)
}
