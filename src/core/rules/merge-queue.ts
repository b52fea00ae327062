import { backOffMs } from '../model/back-off.ts'
import { softDeleteBackups } from '../entities/backup.ts'
import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { MergeEvent } from '../model/event.ts'
import type { Commit, InstanceId, TaskId } from '../model/ids.ts'
import type { Merge } from '../model/merge.ts'
import type { Returned } from '../model/task.ts'
import { block } from '../entities/task.ts'

/** The reported commit takes its place at the end of the queue. */
export function queueMerge(draft: Draft, task: TaskId, instance: InstanceId, commit: Commit): void {
  const merge: Merge = { task, instance, commit, phase: { name: 'queued', since: draft.at } }
  draft.set({ merges: [...draft.state.merges, merge] })
}

/** So often in a row a merge that cannot be carried out keeps its place at the head of the queue: half a minute. */
const maxTriesAtHead = 5

/** One merge at a time, first in, first out. */
export function startNextMerge(draft: Draft): void {
  const head = draft.state.merges[0]
  if (!head) return
  const isDue =
    head.phase.name === 'queued' || (head.phase.name === 'failed' && head.phase.until <= draft.at)
  if (!isDue) return
  const tries = head.phase.name === 'failed' ? head.phase.tries : 0
  setHead(draft, { ...head, phase: { name: 'trying', since: draft.at, tries } })
  draft.enterTask(head.task, { name: 'merging', instance: head.instance, commit: head.commit })
  draft.issue({ type: 'merge-task', task: head.task, commit: head.commit })
}

/** After a restart nobody remembers a merge under way: it is tried again, and finds itself if it had landed. */
export function resumeMerges(draft: Draft): void {
  const head = draft.state.merges[0]
  if (head && head.phase.name !== 'failed')
    setHead(draft, { ...head, phase: { name: 'queued', since: draft.at } })
}

type Verdict = Extract<MergeEvent, { commit: Commit }>

/** Why the verdict is not about the merge under way, if it is not. */
export function staleMergeEvent(draft: Draft, { task, commit }: Verdict): string | null {
  const head = draft.state.merges[0]
  return head?.task === task && head.commit === commit
    ? null
    : `no merge of ${task} at ${commit} is under way`
}

export function applyMergeEvent(draft: Draft, verdict: Verdict): void {
  const { task: id } = verdict
  switch (verdict.type) {
    case 'merge-checking':
      return setPhase(draft, 'checking')
    case 'merge-landed':
      leaveQueue(draft)
      draft.enterTask(id, { name: 'merged', commit: verdict.merge })
      softDeleteBackups(draft, id)
      draft.setRun({ head: verdict.head })
      draft.notifyManager({ type: 'merged', task: id })
      return markOutOfSync(draft, 'publish')
    case 'merge-conflicted':
      leaveQueue(draft)
      return returnToOwner(draft, id, {
        kind: 'conflict',
        paths: verdict.paths,
        tasks: verdict.tasks,
      })
    case 'merge-rejected':
      leaveQueue(draft)
      return returnToOwner(draft, id, { kind: 'checks', output: verdict.output })
    case 'merge-failed':
      return failMerge(draft, verdict)
  }
}

/** The work goes back to its owner, until it has come back too often: then the Manager must decide. */
function returnToOwner(draft: Draft, id: TaskId, returned: Returned): void {
  const returns = draft.task(id).returns + 1
  draft.setTask(id, { returns, returned })
  if (returns > draft.state.rules.returns)
    return block(draft, id, null, questionAfterReturns(returned, returns))
  draft.enterTask(id, { name: returned.kind === 'conflict' ? 'conflicted' : 'rejected' })
  draft.notifyManager({ type: returned.kind === 'conflict' ? 'conflict' : 'rejected', task: id })
}

function questionAfterReturns(returned: Returned, returns: number): string {
  const trouble =
    returned.kind === 'conflict'
      ? `conflicts in ${returned.paths.join(', ')}`
      : 'checks that fail on the merged tree'
  return `The work came back ${returns} times: ${trouble}. Say how to go on, give it to another worker, or cancel it.`
}

function failMerge(
  draft: Draft,
  { reason, mayHaveLanded }: Extract<Verdict, { type: 'merge-failed' }>,
): void {
  const head = draft.state.merges[0]
  if (!head) return
  const tries = 'tries' in head.phase ? head.phase.tries + 1 : 1
  const until = draft.at + backOffMs(tries, draft.state.rules)
  const failed: Merge = {
    ...head,
    phase: { name: 'failed', since: draft.at, reason, tries, until, mayHaveLanded },
  }
  // What fails again and again may be its own fault: the others get their turn before it is tried once more.
  const others = draft.state.merges.slice(1)
  draft.set({ merges: tries % maxTriesAtHead === 0 ? [...others, failed] : [failed, ...others] })
}

function setPhase(draft: Draft, name: 'checking'): void {
  const head = draft.state.merges[0]
  if (head?.phase.name === 'trying')
    setHead(draft, { ...head, phase: { ...head.phase, name, since: draft.at } })
}

const setHead = (draft: Draft, head: Merge): void =>
  draft.set({ merges: [head, ...draft.state.merges.slice(1)] })
const leaveQueue = (draft: Draft): void => draft.set({ merges: draft.state.merges.slice(1) })
