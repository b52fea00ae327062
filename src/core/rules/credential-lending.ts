import { saveWork } from '../entities/backup.ts'
import {
  isUsable,
  earliestReset,
  lease,
  leaseCredential,
  releaseCredential,
  availableCredentials,
} from '../entities/credential-leases.ts'
import { isManagerNeeded } from '../entities/manager-inbox.ts'
import type { Draft } from '../model/draft.ts'
import { type CredentialId, type InstanceId, managerId } from '../model/ids.ts'
import { traitsOf } from '../model/roles.ts'
import type { Instance } from '../model/instance.ts'
import { applyCredential, enterRateLimited, moveToOther, rotateTo } from './credential-rotation.ts'
import { restartWithoutPenalty } from './lifecycle.ts'
import { sendPrompt } from './prompting.ts'

/** Without any reset in sight a human must act; the pool is looked at again all the same. */
const noResetRetryMs = 5 * 60_000
/** Instances that wait for the same reset do not all begin in the same second. */
const jitterMs = 2_000

/** A turn that cannot go on with its credential goes on with the one that is on its way already, or the best other one, or waits. */
export function rotate(draft: Draft, id: InstanceId, reason: string): void {
  const { credential, credentialInUse } = draft.instance(id)
  const isOnItsWay =
    credential !== null &&
    credential !== credentialInUse &&
    isUsable(draft.state.credentials.get(credential))
  const next = isOnItsWay
    ? credential
    : (availableCredentials(draft, id)[0]?.id ?? takeFromIdleWorker(draft, id))
  if (next !== null) return rotateTo(draft, id, next, reason)
  releaseCredential(draft, id)
  park(draft, id, reason)
}

/** An instance that has nothing to do gives its credential to one that has; it gets another one when there is room again. */
function takeFromIdleWorker(draft: Draft, id: InstanceId): CredentialId | null {
  const isIdle = (other: Instance): boolean =>
    other.id !== id &&
    traitsOf(other.role).lendsIdleCredential &&
    other.phase.name === 'ready' &&
    other.task === null
  const lender = [...draft.state.instances.values()].find(
    (other) => isIdle(other) && isUsable(credentialOf(draft, other)),
  )
  if (!lender?.credential) return null
  const { credential } = lender
  releaseCredential(draft, lender.id)
  return credential
}

const credentialOf = (draft: Draft, { credential }: Instance) =>
  credential === null ? undefined : draft.state.credentials.get(credential)

/** Who is to be started and is needed takes the credential of a worker that has nothing to do: the run must not wait for it for ever. */
export function lendToAbsent(draft: Draft): void {
  for (const { id, phase, role, task, credential } of draft.state.instances.values()) {
    const isNeeded = phase.name === 'absent' && (traitsOf(role).isStartedFirst || task !== null)
    const mayHave = credential !== null && isUsable(draft.state.credentials.get(credential))
    if (!isNeeded || mayHave || availableCredentials(draft, id).length > 0) continue
    const lent = takeFromIdleWorker(draft, id)
    if (lent !== null) lease(draft, id, lent)
  }
}

/** Whoever lent its credential, or lost it while none had room, gets one again. */
export function lendAgain(draft: Draft): void {
  for (const { id, phase, credential } of draft.state.instances.values())
    if (phase.name === 'ready' && credential === null) moveToOther(draft, id)
}

/** A Manager that stands without a credential and is needed takes that of a worker that has nothing to do: the run would not end. */
export function lendToManager(draft: Draft): void {
  const { phase, credential } = draft.instance(managerId)
  if (phase.name !== 'ready' || credential !== null || !isManagerNeeded(draft.state)) return
  const lent = takeFromIdleWorker(draft, managerId)
  if (lent === null) return
  lease(draft, managerId, lent)
  applyCredential(draft, managerId, lent)
}

/** The pause of a limited instance is over. */
export function endRateLimit(draft: Draft, instance: Instance): void {
  if (instance.phase.name !== 'limited') return
  const { id, phase } = instance
  if (phase.wait === 'swap')
    return restartWithoutPenalty(draft, id, 'Claude Code did not take its new credential in time')
  if (phase.wait === 'pause' && instance.credential !== null)
    return sendPrompt(draft, id, 'resume', 'typed')
  wake(draft, instance)
}

/** Parked instances go on as soon as any credential has room, whatever made it so. */
export function wakeParked(draft: Draft): void {
  for (const instance of draft.state.instances.values()) {
    if (instance.phase.name !== 'limited' || instance.phase.wait !== 'park') continue
    if (availableCredentials(draft, instance.id).length > 0) wake(draft, instance)
    else {
      const lent = takeFromIdleWorker(draft, instance.id)
      if (lent !== null) rotateTo(draft, instance.id, lent, instance.phase.reason)
    }
  }
}

function wake(draft: Draft, { id, phase }: Instance): void {
  const credential = leaseCredential(draft, id)
  const reason = phase.name === 'limited' ? phase.reason : ''
  if (credential === null) return park(draft, id, reason)
  if (draft.instance(id).credentialInUse === credential)
    return sendPrompt(draft, id, 'resume', 'typed')
  rotateTo(draft, id, credential, reason)
}

function park(draft: Draft, id: InstanceId, reason: string): void {
  const reset = earliestReset(draft.state)
  const until = reset === null ? draft.at + noResetRetryMs : reset + jitterOf(id)
  const { task, phase } = draft.instance(id)
  const isParked = phase.name === 'limited' && phase.wait === 'park'
  if (task !== null && !isParked) saveWork(draft, id, task, 'no credential is left for it')
  enterRateLimited(draft, id, 'park', reason, until)
}

const jitterOf = (id: InstanceId): number =>
  Array.from(id).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % jitterMs, 7)
