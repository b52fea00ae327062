import { saveWork } from '../entities/backup.ts'
import {
  earliestReset,
  isUsable,
  mayBegin,
  lease,
  leaseCredential,
  releaseCredential,
  availableCredentials,
} from '../entities/credential-leases.ts'
import { causeOf, mayReceive } from '../entities/credential-disclosure.ts'
import { isManagerNeeded } from '../entities/manager-inbox.ts'
import type { Credential } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import { type CredentialId, type InstanceId, managerId } from '../model/ids.ts'
import { traitsOf } from '../model/roles.ts'
import type { Instance } from '../model/instance.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { hasUsedUpTrust } from './credential-trust.ts'
import { start } from './lifecycle.ts'
import { applyCredential } from './credential-placement.ts'
import { enterRateLimited, moveToOther, rotateTo } from './credential-rotation.ts'
import { sendPrompt } from './prompting.ts'

/** How often a parked instance checks the pool when no reset is known and a human must act. */
const noResetRetryMs = 5 * 60_000
/** Spreads the instances that wait for the same reset. */
const jitterMs = 2_000

/**
 * Continues a turn whose credential failed: with the one that is being applied already, else with
 * the best available one, else with that of an idle instance. Otherwise parks the instance.
 */
export function rotate(draft: Draft, id: InstanceId, reason: string): void {
  const { credential, credentialInUse } = draft.instance(id)
  const isBeingApplied =
    credential !== null &&
    credential !== credentialInUse &&
    isUsable(draft.state.credentials.get(credential))
  const next = isBeingApplied
    ? credential
    : (availableCredentials(draft, id)[0]?.id ?? takeFromIdle(draft, id))
  if (next !== null) return rotateTo(draft, id, next, reason)
  releaseCredential(draft, id, causeOf(draft.state, id) === 'server')
  park(draft, id, reason)
}

/**
 * Releases the usable credential of an idle instance, and returns it; null when there is none. The
 * one rule for every way of lending: workers without a task come first, then a Manager that nothing
 * waits for. `leaseForIdle` gives the idle one another credential once there is room. Nothing is
 * taken for an instance whose reports are not trusted any more: it would try this credential again
 * and again, and no person would be asked.
 */
function takeFromIdle(draft: Draft, id: InstanceId): CredentialId | null {
  const { state } = draft
  if (hasUsedUpTrust(state, id)) return null
  const isIdle = ({ phase, task, role }: Instance): boolean =>
    traitsOf(role).lendsIdleCredential &&
    phase.name === 'ready' &&
    task === null &&
    !(traitsOf(role).mayPlan && isManagerNeeded(state))
  const mayTake = (credential: Credential | undefined): boolean =>
    isUsable(credential) && mayReceive(draft, id, credential)
  const lenders = [...state.instances.values()].filter(
    (other) => other.id !== id && isIdle(other) && mayTake(credentialOf(draft, other)),
  )
  const lender = lenders.find(({ role }) => !traitsOf(role).mayPlan) ?? lenders[0]
  if (!lender?.credential) return null
  const { credential } = lender
  releaseCredential(draft, lender.id, true)
  return credential
}

const credentialOf = (draft: Draft, { credential }: Instance) =>
  credential === null ? undefined : draft.state.credentials.get(credential)

/**
 * An instance that must start and is needed takes the credential of an idle one; otherwise the run
 * could wait for it for ever.
 */
export function lendToAbsent(draft: Draft): void {
  for (const { id, phase, role, task, credential } of draft.state.instances.values()) {
    const isNeeded = phase.name === 'absent' && (traitsOf(role).isStartedFirst || task !== null)
    const mayHave = credential !== null && isUsable(draft.state.credentials.get(credential))
    if (!isNeeded || mayHave || availableCredentials(draft, id).length > 0) continue
    const taken = takeFromIdle(draft, id)
    if (taken !== null) lease(draft, id, taken)
  }
}

/** Leases a credential to each ready instance that lent or lost its own, if one has room. */
export function leaseForIdle(draft: Draft): void {
  for (const { id, phase, credential } of draft.state.instances.values())
    if (phase.name === 'ready' && credential === null) moveToOther(draft, id)
}

/**
 * A ready Manager that is needed and has no credential takes that of an idle worker; otherwise
 * the run would not end.
 */
export function lendToManager(draft: Draft): void {
  const { phase, credential } = draft.instance(managerId)
  if (phase.name !== 'ready' || credential !== null || !isManagerNeeded(draft.state)) return
  const taken = takeFromIdle(draft, managerId)
  if (taken === null) return
  lease(draft, managerId, taken)
  applyCredential(draft, managerId, taken)
}

/**
 * An open task that no worker could take goes to one without a credential, as long as an idle
 * Manager has one. True when that worker may begin the task now. While a worker that may begin a
 * task is idle, the open ones are kept for other workers, and more credentials change nothing.
 */
export function lendForOpenTasks(draft: Draft): boolean {
  const { state } = draft
  const idle = [...state.instances.values()].filter(
    ({ phase, role, task }) =>
      traitsOf(role).mayHoldTasks &&
      task === null &&
      (phase.name === 'absent' || phase.name === 'ready'),
  )
  const isAnyFree = idle.some((each) => each.phase.name === 'ready' && mayBegin(state, each))
  if (isAnyFree || !hasOpenTasks(draft)) return false
  const worker = idle.find(
    (each) => !mayBegin(state, each) && availableCredentials(draft, each.id).length === 0,
  )
  const taken = worker === undefined ? null : takeFromIdle(draft, worker.id)
  if (worker === undefined || taken === null) return false
  lease(draft, worker.id, taken)
  if (worker.phase.name === 'absent') start(draft, worker.id)
  else applyCredential(draft, worker.id, taken)
  return worker.phase.name === 'ready'
}

function hasOpenTasks({ state: { tasks, ledger, policy } }: Draft): boolean {
  if (budgetVerdict(ledger, policy.budget, null) === 'exceeded') return false
  return (['queued', 'conflicted', 'rejected'] as const).some((name) => tasks.countIn(name) > 0)
}

/** The deadline of a `rate-limited` instance has passed; `rotating` has that of its rotation. */
export function endRateLimit(draft: Draft, instance: Instance): void {
  if (instance.phase.name !== 'rate-limited') return
  const { id, phase } = instance
  if (phase.wait === 'rotating') return
  if (phase.wait === 'retrying' && instance.credential !== null)
    return sendPrompt(draft, id, 'resume', 'typed')
  wake(draft, instance)
}

/** Wakes each parked instance for which a credential has room, or an idle instance has one. */
export function wakeParked(draft: Draft): void {
  for (const instance of draft.state.instances.values()) {
    if (instance.phase.name !== 'rate-limited' || instance.phase.wait !== 'parked') continue
    if (availableCredentials(draft, instance.id).length > 0) wake(draft, instance)
    else {
      const taken = takeFromIdle(draft, instance.id)
      if (taken !== null) rotateTo(draft, instance.id, taken, instance.phase.reason)
    }
  }
}

function wake(draft: Draft, { id, phase }: Instance): void {
  const credential = leaseCredential(draft, id)
  const reason = phase.name === 'rate-limited' ? phase.reason : ''
  if (credential === null) return park(draft, id, reason)
  rotateTo(draft, id, credential, reason)
}

function park(draft: Draft, id: InstanceId, reason: string): void {
  const reset = earliestReset(draft.state)
  const until = reset === null ? draft.at + noResetRetryMs : reset + jitterOf(id)
  const { task, phase } = draft.instance(id)
  const isParked = phase.name === 'rate-limited' && phase.wait === 'parked'
  if (task !== null && !isParked) saveWork(draft, id, task, 'no credential is available for it')
  enterRateLimited(draft, id, 'parked', reason, until)
}

const jitterOf = (id: InstanceId): number =>
  Array.from(id).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % jitterMs, 7)
