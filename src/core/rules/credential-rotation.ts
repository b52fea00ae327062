import { backOffMs } from '../model/back-off.ts'
import { saveWork } from '../entities/backup.ts'
import { isTrusted, verdictFromReport, type Verdict } from './credential-trust.ts'
import {
  holdersOf,
  isNearLimit,
  isUsable,
  earliestReset,
  lease,
  leaseCredential,
  releaseCredential,
  availableCredentials,
  takeOutOfUse,
} from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import { type CredentialId, type InstanceId, type Instant, managerId } from '../model/ids.ts'
import { loseWithoutBlame, lose, sendPrompt } from './lifecycle.ts'
import { isRunning, type Instance } from '../model/instance.ts'
import { traitsOf } from '../model/roles.ts'
import { isManagerNeeded } from '../entities/manager-inbox.ts'
import type { Credential, CredentialPhase } from '../model/credential.ts'
import type { ModelError } from '../model/model-error.ts'

/** From replacing a credential to Claude Code's word that it has read it takes 1.2 s; after this the launch is given up. */
const rotationTimeoutMs = 10_000
/** A reset that nobody told; long enough not to hammer, short enough not to sleep through the night. */
const unknownResetMs = 15 * 60_000
/** Without any reset in sight a human must act; the pool is looked at again all the same. */
const noResetRetryMs = 5 * 60_000
/** Instances that wait for the same reset do not all begin in the same second. */
const jitterMs = 2_000

/**
 * The turn of an instance failed for this reason. What the provider or the network has too much of is waited out; what is
 * the matter with the credential costs the credential, and everybody who holds it goes on with another one.
 */
export function onModelError(
  draft: Draft,
  id: InstanceId,
  trouble: ModelError,
  reason: string,
): void {
  const { credentialInUse: credential, isCredentialUnproved } = draft.instance(id)
  // Claude Code says the same when it did not take a new value, as it sometimes does not take an API key: a new launch will tell.
  if (trouble.kind === 'rejected' && isCredentialUnproved)
    return loseWithoutBlame(draft, id, reason)
  // The gateway heard the provider itself; what an instance says of it may be made up.
  const verdict =
    draft.state.rules.credentials === 'gateway' ? null : verdictOn(draft, trouble, reason)
  if (verdict === null) return retryLater(draft, id, trouble, reason)
  if (credential !== null && draft.state.credentials.has(credential)) {
    if (!isTrusted(draft, id, credential)) return rejectAccusation(draft, id, trouble, reason)
    withdrawCredential(draft, credential, verdictFromReport(id, draft, credential, verdict), id)
  }
  rotate(draft, id, reason)
}

/**
 * It has had too many credentials taken out of use: it waits as for trouble of its own, and then tries another one if there is any. Where
 * there is none, somebody who waits for a credential finds out whether this one is good.
 */
function rejectAccusation(draft: Draft, id: InstanceId, trouble: ModelError, reason: string): void {
  const { credential } = draft.instance(id)
  const other = [...draft.state.instances.values()].find(
    ({ phase }) => phase.name === 'limited' && phase.wait === 'park',
  )
  if (!moveToOther(draft, id) && other && credential !== null) {
    releaseCredential(draft, id)
    rotateTo(draft, other.id, credential, reason)
  }
  retryLater(
    draft,
    id,
    trouble,
    `not believed, since several credentials are out of use on the word of ${id} alone: ${reason}`,
  )
}

/** Takes a credential out of use and moves whoever holds it, before they hit the same wall; `fallen` has hit it already. */
export function withdrawCredential(
  draft: Draft,
  credential: CredentialId,
  verdict: CredentialPhase,
  fallen: InstanceId | null = null,
): void {
  takeOutOfUse(draft, credential, verdict)
  for (const holder of holdersOf(draft, credential))
    if (holder !== fallen) moveToOther(draft, holder)
}

/** What the trouble means for the credential; null when it is not the credential's. */
export function verdictOn(draft: Draft, trouble: ModelError, reason: string): Verdict | null {
  const since = draft.at
  switch (trouble.kind) {
    case 'quota':
    case 'model-quota': {
      const window = trouble.kind === 'quota' ? trouble.window : 'model'
      return {
        name: 'cooling',
        since,
        window,
        until: Math.max(trouble.until ?? since + unknownResetMs, since + 1_000),
      }
    }
    case 'rejected':
      return { name: 'rejected', since, reason }
    case 'spent':
      return { name: 'spent', since, reason }
    case 'throttled':
    case 'overloaded':
    case 'unreachable':
    case 'other':
      return null
  }
}

/** The same credential again, after a pause that grows; a throttled one is exchanged once if another has room. */
function retryLater(draft: Draft, id: InstanceId, trouble: ModelError, reason: string): void {
  const { rules } = draft.state
  const { troubles: past } = draft.instance(id)
  const troubles = [...past.filter((at) => at > draft.at - rules.quarantineWindowMs), draft.at]
  draft.setInstance(id, { troubles })
  if (trouble.kind === 'other' && troubles.length >= rules.quarantineFailures) {
    // Whatever the conversation holds that the model refuses, a new one does not.
    draft.setInstance(id, { troubles: [], conversation: 'none' })
    return lose(draft, id, reason)
  }
  const other =
    trouble.kind === 'throttled' && troubles.length === 2 ? othersFor(draft, id)[0] : undefined
  if (other) return rotateTo(draft, id, other.id, reason)
  enterRateLimited(draft, id, 'pause', reason, draft.at + backOffMs(troubles.length, rules))
}

/** A turn that cannot go on with its credential goes on with the one that is on its way already, or the best other one, or waits. */
function rotate(draft: Draft, id: InstanceId, reason: string): void {
  const { credential, credentialInUse } = draft.instance(id)
  const isOnItsWay =
    credential !== null &&
    credential !== credentialInUse &&
    isUsable(draft.state.credentials.get(credential))
  const next = isOnItsWay
    ? credential
    : (availableCredentials(draft, id)[0]?.id ?? borrow(draft, id))
  if (next !== null) return rotateTo(draft, id, next, reason)
  releaseCredential(draft, id)
  park(draft, id, reason)
}

/** An instance that has nothing to do gives its credential to one that has; it gets another one when there is room again. */
function borrow(draft: Draft, id: InstanceId): CredentialId | null {
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
    const lent = borrow(draft, id)
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
  const lent = borrow(draft, managerId)
  if (lent === null) return
  lease(draft, managerId, lent)
  applyCredential(draft, managerId, lent)
}

/** Where the credential that it is meant to have and the one that it has are not the same, it is put in place, once more if need be. */
export function ensureCredentialApplied(draft: Draft, id: InstanceId): void {
  const { credential } = draft.instance(id)
  if (credential !== null) applyCredential(draft, id, credential)
}

/** What an instance could have instead of what it has. */
function othersFor(draft: Draft, id: InstanceId): readonly Credential[] {
  const { credential, credentialInUse } = draft.instance(id)
  return availableCredentials(draft, id).filter(
    (other) => other.id !== credential && other.id !== credentialInUse,
  )
}

function park(draft: Draft, id: InstanceId, reason: string): void {
  const reset = earliestReset(draft.state)
  const until = reset === null ? draft.at + noResetRetryMs : reset + jitterOf(id)
  const { task, phase } = draft.instance(id)
  const isParked = phase.name === 'limited' && phase.wait === 'park'
  if (task !== null && !isParked) saveWork(draft, id, task, 'no credential is left for it')
  enterRateLimited(draft, id, 'park', reason, until)
}

function rotateTo(draft: Draft, id: InstanceId, credential: CredentialId, reason: string): void {
  if (draft.instance(id).credential !== credential) lease(draft, id, credential)
  applyCredential(draft, id, credential)
  if (draft.state.rules.credentials === 'gateway') return sendPrompt(draft, id, 'resume', 'typed')
  enterRateLimited(draft, id, 'swap', reason, draft.at + rotationTimeoutMs)
}

/** Through the gateway the lease is the whole change; otherwise Claude Code must read the new value. */
function applyCredential(draft: Draft, id: InstanceId, credential: CredentialId): void {
  const instance = draft.instance(id)
  if (draft.state.rules.credentials === 'gateway')
    draft.setInstance(id, { credentialInUse: credential })
  else if (instance.credentialInUse !== credential) {
    draft.issue({ type: 'replace-credential', instance: id, launch: instance.launch, credential })
  }
}

/** Gives an instance another credential without disturbing what it does; false when none has room. */
export function moveToOther(
  draft: Draft,
  id: InstanceId,
  wanted: CredentialId | null = null,
): boolean {
  const instance = draft.instance(id)
  const choice = availableCredentials(draft, id).find(
    ({ id: other }) => other !== instance.credential && (wanted === null || other === wanted),
  )
  if (!choice) return false
  lease(draft, id, choice.id)
  if (isRunning(instance.phase)) applyCredential(draft, id, choice.id)
  return true
}

/** Before the wall, while another credential has clearly more room: one instance at a time, and never back and forth. */
export function rotateEarly(draft: Draft, credential: CredentialId): void {
  const near = draft.state.credentials.get(credential)
  if (!near || !isNearLimit(near, draft.state, draft.at)) return
  const [holder] = near.leases
  const best = holder === undefined ? undefined : availableCredentials(draft, holder)[0]
  if (holder !== undefined && best && !isNearLimit(best, draft.state, draft.at))
    moveToOther(draft, holder, best.id)
}

/** The pause of a limited instance is over. */
export function endRateLimit(draft: Draft, instance: Instance): void {
  if (instance.phase.name !== 'limited') return
  const { id, phase } = instance
  if (phase.wait === 'swap')
    return loseWithoutBlame(draft, id, 'Claude Code did not take its new credential in time')
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
      const lent = borrow(draft, instance.id)
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

function enterRateLimited(
  draft: Draft,
  id: InstanceId,
  wait: 'pause' | 'swap' | 'park',
  reason: string,
  until: Instant,
): void {
  draft.enterInstance(id, { name: 'limited', wait, reason, until })
}

const jitterOf = (id: InstanceId): number =>
  Array.from(id).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % jitterMs, 7)
