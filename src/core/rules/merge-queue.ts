import { backOffMs } from '../model/back-off.ts'
import { missedAlarmMs } from '../entities/clock-skew.ts'
import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { MergeEvent } from '../model/event.ts'
import type { Commit, InstanceId, Instant, LineId, TaskId } from '../model/ids.ts'
import type { Merge } from '../model/merge.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { lateReason } from '../model/retry.ts'
import type { State } from '../model/state.ts'
import { isRewritten } from '../entities/origin-conflict.ts'
import { isExplainedBy } from '../model/base-verdict.ts'
import { acceptedPosition, noteFailure, notePass } from './base-checks.ts'
import { landMerge, returnOutdated } from './merge-outcomes.ts'
import { noteOriginMerge } from './origin-conflicts.ts'
import { holdForAnswer } from './protected-work.ts'
import { returnToOwner } from './returned-work.ts'

/** Appends the reported commit to the merge queue. */
export function queueMerge(draft: Draft, task: TaskId, instance: InstanceId, commit: Commit): void {
  const { line } = draft.task(task)
  const phase = { name: 'queued', since: draft.at } as const
  draft.addMerge({ line, task, instance, commit, phase, approved: null })
}

/**
 * Failed tries in a row after which a merge moves to the end of the queue; with the default
 * back-off about half a minute.
 */
const maxTriesAtHead = 5

/**
 * The merge of each line that is under way, or else the first one. Those that wait for the line's
 * branch are passed over; one that was let go may stand before the one under way.
 */
export function mergeHeads({ merges }: State): readonly Merge[] {
  const heads = new Map<LineId, Merge>()
  for (const merge of merges) if (isUnderWay(merge)) heads.set(merge.line, merge)
  for (const merge of merges)
    if (merge.phase.name !== 'held' && !heads.has(merge.line)) heads.set(merge.line, merge)
  return [...heads.values()]
}

/** Starts the first merge of each line if it is due. One merge of a line runs at a time. */
export function startNextMerges(draft: Draft): void {
  for (const { line, task, instance, commit, phase, approved } of mergeHeads(draft.state)) {
    const isDue = phase.name === 'queued' || (phase.name === 'failed' && phase.until <= draft.at)
    // Nothing is merged onto a history that a person has to judge.
    if (!isDue || isRewritten(draft.state, line)) continue
    const tries = phase.name === 'failed' ? phase.tries : 0
    draft.enterMerge(task, { name: 'trying', tries })
    draft.enterTask(task, { name: 'merging', instance, commit })
    const mayFailFrom = acceptedPosition(draft.line(line))
    draft.issue({ type: 'merge-task', line, task, commit, mayFailFrom, approved })
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
  // A queued one waits for a person who has to judge the line's history.
  return head?.commit === commit && head.phase.name !== 'queued'
    ? null
    : `no merge of ${task} at ${commit} is under way`
}

export function applyMergeEvent(draft: Draft, verdict: Verdict): void {
  const { task: id } = verdict
  const head = draft.merge(id)
  switch (verdict.type) {
    case 'merge-checking':
      return startChecks(draft, head)
    case 'merge-landed':
      landMerge(draft, id, verdict.merge)
      draft.setLine(head.line, { head: verdict.head })
      noteOriginMerge(draft, head.line, id)
      noteChecks(draft, head.line, verdict)
      return markOutOfSync(draft, head.line, 'publish')
    case 'merge-conflicted':
      draft.removeMerge(id)
      return returnToOwner(draft, id, {
        kind: 'conflict',
        paths: verdict.paths,
        tasks: verdict.tasks,
      })
    case 'merge-outdated': {
      const { former } = verdict
      return returnOutdated(draft, id, { kind: 'rewritten', former, merge: null, paths: [] })
    }
    case 'merge-rejected':
      return rejectMerge(draft, head, verdict)
    case 'merge-held':
      return holdForAnswer(draft, head, verdict.work)
    case 'merge-failed':
      return isUnderWay(head) ? failMerge(draft, head, verdict) : undefined
  }
}

function noteChecks(
  draft: Draft,
  line: LineId,
  { merge, checks }: Extract<MergeEvent, { type: 'merge-landed' }>,
): void {
  if (checks === 'passed') notePass(draft, line, merge)
  else if (checks !== undefined) noteFailure(draft, line, checks)
}

/**
 * Work is returned for what its worker can repair. Where the branch itself fails, the work waits: a
 * worker would be asked again and again for what others broke.
 */
function rejectMerge(
  draft: Draft,
  head: Merge,
  { output, position = 0, base }: Extract<MergeEvent, { type: 'merge-rejected' }>,
): void {
  const { line, task } = head
  if (base !== undefined) noteFailure(draft, line, base)
  // A try that was given up comes again.
  if (head.phase.name === 'queued') return
  const cause = base === undefined || !isExplainedBy(base, position) ? null : base
  if (cause === null) {
    draft.removeMerge(task)
    return returnToOwner(draft, task, { kind: 'checks', output })
  }
  // A person accepted that while these checks ran: the next try merges the work.
  const accepted = acceptedPosition(draft.line(line))
  if (accepted !== null && position >= accepted) return draft.enterMerge(task, { name: 'queued' })
  const reason = `the check "${cause.command}" fails on ${draft.line(line).branch} without this work`
  draft.enterMerge(task, { name: 'held', reason, waitsFor: { kind: 'branch', position } })
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
