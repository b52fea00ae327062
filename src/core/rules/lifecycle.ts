import { saveWork } from '../entities/backup.ts'
import { leaseCredential, releaseCredential } from '../entities/credential-leases.ts'
import { block, endAttempt, lostAttemptsOf } from '../entities/task.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import { traitsOf } from '../model/roles.ts'
import type { InstancePhase } from '../model/instance.ts'
import { inStartOrder, mayStart } from './start-queue.ts'
import { stopQuarantined } from './stopping.ts'

/** Starts the instances that wait for a credential or for other starts, as far as they may. */
export function startWaiting(draft: Draft): void {
  const waiting = [...draft.state.instances.values()].filter(
    ({ phase }) => phase.name === 'absent' || phase.name === 'queued',
  )
  for (const { id } of inStartOrder(waiting)) start(draft, id)
}

/**
 * Starts the next launch. Without an available credential the instance becomes `absent`; while
 * others start, `queued`.
 */
export function start(draft: Draft, id: InstanceId): void {
  const credential = leaseCredential(draft, id)
  if (credential === null) return waitAs(draft, id, 'absent')
  const instance = draft.instance(id)
  if (!mayStart(draft.state, instance)) return waitAs(draft, id, 'queued')
  const { launch, conversation } = instance
  const next = draft.enterInstance(
    id,
    { name: 'starting', hasSession: false, hasTools: false, isProbed: false, lastProgress: null },
    {
      launch: launch + 1,
      sequence: 0,
      credentialInUse: credential,
      isCredentialUnproved: false,
      turnsWithoutTools: 0,
      outdated: null,
    },
  )
  draft.issue({
    type: 'start-instance',
    instance: id,
    launch: next.launch,
    credential,
    resume: conversation === 'used',
  })
}

function waitAs(draft: Draft, id: InstanceId, name: 'absent' | 'queued'): void {
  if (draft.instance(id).phase.name !== name) draft.enterInstance(id, { name })
}

/**
 * Counts a failure of the instance and ends its launch: it restarts after a back-off, or is
 * quarantined when it failed too often. Its task counts a lost attempt.
 */
export function lose(draft: Draft, id: InstanceId, cause: string): void {
  const { policy } = draft.state
  const { failures: past, task, phase } = draft.instance(id)
  const failures = [...past.filter((at) => at > draft.at - policy.quarantineWindowMs), draft.at]
  const isQuarantined = failures.length >= policy.quarantineFailures
  if (task !== null) {
    endAttempt(draft, task, 'lost')
    const losses = lostAttemptsOf(draft.task(task))
    if (losses >= policy.losses)
      block(
        draft,
        task,
        id,
        `${losses} workers in a row were lost on this task; the last one because: ${cause}`,
      )
    else if (!isQuarantined) saveWork(draft, id, task, cause)
  }
  notifyManagerOfInterruption(draft, id, phase)
  if (isQuarantined) {
    // By then none of these failures counts any more, and their cause may be gone.
    const until = draft.at + policy.quarantineWindowMs
    draft.enterInstance(id, { name: 'quarantined', reason: cause, until, stop: null }, { failures })
    releaseCredential(draft, id)
    return stopQuarantined(draft, id)
  }
  draft.enterInstance(
    id,
    { name: 'backing-off', reason: cause, until: draft.at + backOffMs(failures.length, policy) },
    { failures },
  )
}

/**
 * Restarts an instance that is not at fault, for example after a runtime outage. Unlike `lose`, it
 * counts neither a failure of the instance nor a lost attempt at its task.
 */
export function restartWithoutPenalty(draft: Draft, id: InstanceId, cause: string): void {
  const { policy } = draft.state
  const { pauses: past, task, phase } = draft.instance(id)
  const pauses = [...past.filter((at) => at > draft.at - policy.quarantineWindowMs), draft.at]
  if (task !== null) saveWork(draft, id, task, cause)
  notifyManagerOfInterruption(draft, id, phase)
  draft.enterInstance(
    id,
    { name: 'backing-off', reason: cause, until: draft.at + backOffMs(pauses.length, policy) },
    { pauses },
  )
}

function notifyManagerOfInterruption(draft: Draft, id: InstanceId, { name }: InstancePhase): void {
  const isInTurn =
    name === 'prompted' || name === 'working' || name === 'interrupting' || name === 'rate-limited'
  if (!traitsOf(draft.instance(id).role).mayPlan || !isInTurn) return
  const { phase } = draft.state.run
  if (phase.name === 'executing') draft.notifyManager({ type: 'interrupted' })
  // An interrupted turn does not count as one that ended without a plan.
  if (phase.name === 'planning')
    draft.setRun({ phase: { ...phase, asked: Math.max(0, phase.asked - 1) } })
}
