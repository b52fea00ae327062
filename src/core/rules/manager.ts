import { markAllOutOfSync } from '../entities/sync.ts'
import { mayBegin } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import { type Instant, managerId } from '../model/ids.ts'
import type { Line } from '../model/line.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { firstTry, nextTry } from '../model/retry.ts'
import type { Run } from '../model/run.ts'
import { sendPrompt } from './prompting.ts'
import { finishStop, stopInstance } from './stopping.ts'
import { needsTheManager } from '../entities/manager-inbox.ts'
import { isAllOver, maxRequests, nextRequestForMore } from '../entities/plan-progress.ts'

/** Prompts a ready Manager if it has something to do. News are delivered in batches. */
export function promptManager(draft: Draft): void {
  const manager = draft.instance(managerId)
  if (manager.phase.name !== 'ready' || !mayBegin(draft.state, manager)) return
  const { run, news } = draft.state
  const way =
    manager.conversation === 'none'
      ? 'typed'
      : draft.state.policy.context === 'fresh'
        ? 'typed-fresh'
        : 'typed'
  if (run.phase.name === 'planning') {
    if (run.phase.asked >= maxRequests) {
      const reason =
        `the Manager ended ${maxRequests} turns without submitting a plan: ` +
        'look at its terminal, then restart the server to ask again'
      return draft.enterRun({ name: 'failed', reason })
    }
    draft.setRun({ phase: { ...run.phase, asked: run.phase.asked + 1 } })
    return sendPrompt(draft, managerId, 'plan', 'typed')
  }
  if (run.phase.name !== 'executing' || !news.some(needsTheManager)) return
  draft.set({ news: [] })
  sendPrompt(draft, managerId, 'news', way)
}

/**
 * Asks the Manager for more tasks when few are left, and for the final report when all are over.
 * Ends the run itself if the Manager does not.
 */
export function watchProgress(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'executing') return
  if (isAllOver(draft.state)) return askToFinish(draft)
  const due = nextRequestForMore(draft.state)
  if (due === null || due > draft.at) return
  const requests = { times: phase.askedForMore.times + 1, since: draft.at }
  draft.setRun({ phase: { ...phase, askedForMore: requests } })
  draft.notifyManager({ type: 'queue-low' })
}

function askToFinish(draft: Draft): void {
  const { run, news } = draft.state
  const manager = draft.instance(managerId)
  if (
    run.phase.name !== 'executing' ||
    manager.phase.name !== 'ready' ||
    news.some((item) => item.type === 'all-done')
  )
    return
  if (run.phase.askedToFinish >= maxRequests) {
    // By its own word the plan lacks something: a person decides, see `isManagerSilent`.
    if (run.planCompletedBy === null) return
    return finishRun(draft, 'Every task is done or cancelled. The Manager wrote no report.')
  }
  draft.setRun({ phase: { ...run.phase, askedToFinish: run.phase.askedToFinish + 1 } })
  draft.notifyManager({ type: 'all-done' })
}

export function finishRun(draft: Draft, report: string): void {
  const retry = firstTry(draft.at, hubTimeoutMs(draft.state.policy))
  draft.enterRun({ name: 'finishing', report, isWritten: false, ...retry })
  draft.issue({ type: 'write-report', report })
  markAllOutOfSync(draft, 'lists')
}

/**
 * Ends the run once its report is written and everything is published, or the origin has refused
 * it often enough.
 */
export function closeRun(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'finishing' || !phase.isWritten) return
  if (![...draft.state.lines.values()].every(isClosed)) return
  const retry = firstTry(draft.at, hubTimeoutMs(draft.state.policy))
  draft.enterRun({ name: 'done', report: phase.report, isStopped: false, ...retry })
  for (const { id, phase: last } of draft.state.instances.values())
    if (last.name !== 'stopping' && last.name !== 'stopped') stopInstance(draft, id)
  draft.issue({ type: 'stop-everything' })
}

/** Whether the run needs nothing more of this line. */
function isClosed({ lists, upstream, publish }: Line): boolean {
  if (lists.name !== 'current') return false
  // The origin may hold a task that was just added to a list; the sync shows it.
  if (upstream.name === 'running' || upstream.name === 'outdated') return false
  return publish.name === 'current' || (publish.name === 'failed' && publish.tries >= maxRequests)
}

/** When the last command of the run is issued again; null when it succeeded, or the run goes on. */
export function endingDue({ phase }: Run): Instant | null {
  const isWaiting =
    (phase.name === 'finishing' && !phase.isWritten) || (phase.name === 'done' && !phase.isStopped)
  return isWaiting ? phase.until : null
}

/** Issues the last command of the run again when it is due. */
export function expireEnding(draft: Draft): void {
  const due = endingDue(draft.state.run)
  if (due !== null && due <= draft.at) repeatEnding(draft)
}

/**
 * A restarted server issues the last command of the run again. After a run that is done, it stops
 * everything again.
 */
export function resumeEnding(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name === 'done') {
    const retry = firstTry(draft.at, hubTimeoutMs(draft.state.policy))
    draft.setRun({ phase: { ...phase, isStopped: false, ...retry } })
  }
  if (endingDue(draft.state.run) !== null) repeatEnding(draft)
}

/** Everything of the run is stopped. */
export function finishEnding(draft: Draft): void {
  for (const instance of draft.state.instances.values())
    if (instance.phase.name === 'stopping') finishStop(draft, instance)
  const { phase } = draft.state.run
  if (phase.name === 'done') draft.setRun({ phase: { ...phase, isStopped: true, reason: null } })
}

function repeatEnding(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'finishing' && phase.name !== 'done') return
  const retry = nextTry(phase, draft.at, hubTimeoutMs(draft.state.policy))
  draft.setRun({ phase: { ...phase, ...retry } })
  if (phase.name === 'done') draft.issue({ type: 'stop-everything' })
  else draft.issue({ type: 'write-report', report: phase.report })
}
