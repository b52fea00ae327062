import type { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import { managerId } from '../model/ids.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { traitsOf } from '../model/roles.ts'
import type { Requests } from '../model/run.ts'
import type { State } from '../model/state.ts'

/** Requests for a plan, or for the final report, before the server continues without it. */
export const maxRequests = 3

/**
 * Requests for more tasks that add none, before the server waits for a person: at their distances
 * they take an hour.
 */
export const maxRequestsForMore = 7

const firstPauseMs = 60_000
const longestPauseMs = 30 * 60_000

export const openTaskCount = ({ tasks }: State): number =>
  tasks.size - tasks.countIn('merged') - tasks.countIn('done') - tasks.countIn('cancelled')

export const isAllOver = (state: State): boolean =>
  state.tasks.size > 0 && openTaskCount(state) === 0

/** Whether the Manager should add tasks, or say that the plan is complete. */
export function isQueueLow(state: State): boolean {
  const { run, tasks, instances, policy } = state
  if (run.phase.name !== 'executing' || run.planCompletedBy !== null || isAllOver(state))
    return false
  // A person decides first.
  if (tasks.countIn('proposed') > 0) return false
  const waiting = tasks.countIn('waiting') + tasks.countIn('queued')
  const hasIdleWorker = [...instances.values()].some(
    ({ role, phase }) => traitsOf(role).mayHoldTasks && phase.name === 'ready',
  )
  return waiting < policy.workerCount || hasIdleWorker
}

/** When the Manager is asked for more tasks; null when it is not asked as things are. */
export function nextRequestForMore(state: State): Instant | null {
  const requests = requestsForMore(state)
  if (requests === null || requests.times >= maxRequestsForMore) return null
  // While the budget is used up, no task would start.
  if (budgetVerdict(state.ledger, state.policy.budget, null) === 'exceeded') return null
  return requests.times === 0 ? requests.since : requests.since + pauseAfter(requests.times)
}

/**
 * The Manager has answered every request in vain, so that only a person or new work lets the run
 * go on.
 */
export function isManagerSilent(state: State): boolean {
  const { run, news } = state
  if (run.phase.name !== 'executing' || run.planCompletedBy !== null) return false
  if (!isManagerReady(state) || news.some(isRequest)) return false
  if (isAllOver(state)) return run.phase.askedToFinish >= maxRequests
  return (requestsForMore(state)?.times ?? 0) >= maxRequestsForMore
}

/** The requests so far; null unless the next one could be sent now. */
function requestsForMore(state: State): Requests | null {
  const { run, news } = state
  if (run.phase.name !== 'executing' || !isQueueLow(state)) return null
  // The Manager may still be acting on the last request.
  return isManagerReady(state) && !news.some(isRequest) ? run.phase.askedForMore : null
}

const isManagerReady = ({ instances }: State): boolean =>
  instances.get(managerId)?.phase.name === 'ready'

const isRequest = ({ type }: State['news'][number]): boolean =>
  type === 'queue-low' || type === 'all-done'

/** 1 min, 2 min, 4 min … up to half an hour. */
const pauseAfter = (times: number): number =>
  Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs)

export const executePlan = (draft: Draft): void =>
  draft.enterRun({ name: 'executing', ...noRequests(draft) })

export const noRequests = ({ at }: Draft) => ({
  askedToFinish: 0,
  askedForMore: { times: 0, since: at },
})
