import { mayBegin } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import { managerId } from '../model/ids.ts'
import { finishRun } from './ending.ts'
import { sendPrompt } from './prompting.ts'
import { needsTheManager } from '../entities/manager-inbox.ts'
import {
  executePlan,
  isAllOver,
  maxRequests,
  nextRequestForMore,
} from '../entities/plan-progress.ts'

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
        `the Manager was asked ${maxRequests} times, and there is no plan: ` +
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

/**
 * Without a proposed task there is nothing that a person could approve: the run goes on, or the
 * Manager plans again when every task was cancelled.
 */
export function leaveApproval(draft: Draft): void {
  const { run, tasks } = draft.state
  if (run.phase.name !== 'awaiting-approval' || tasks.countIn('proposed') > 0) return
  if (tasks.countIn('cancelled') < tasks.size) return executePlan(draft)
  draft.setRun({ planCompletedBy: null })
  draft.enterRun({ name: 'planning', asked: run.phase.asked })
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
