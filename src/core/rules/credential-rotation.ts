import { causeOf } from '../entities/credential-disclosure.ts'
import { isNearLimit, lease, availableCredentials } from '../entities/credential-leases.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Credential, Disclosure } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId, Instant } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import type { ModelError } from '../model/model-error.ts'
import { applyCredential } from './credential-placement.ts'
import { lose } from './lifecycle.ts'
import { sendPrompt } from './prompting.ts'

/**
 * Leases another credential (`wanted`, if given) to an instance without interrupting its turn.
 * False when none has room.
 */
export function moveToOther(
  draft: Draft,
  id: InstanceId,
  wanted: CredentialId | null = null,
  cause: Disclosure['cause'] = causeOf(draft.state, id),
): boolean {
  const instance = draft.instance(id)
  const choice = availableCredentials(draft, id, cause).find(
    ({ id: other }) => other !== instance.credential && (wanted === null || other === wanted),
  )
  if (!choice) return false
  lease(draft, id, choice.id, cause)
  if (isRunning(instance.phase)) applyCredential(draft, id, choice.id)
  return true
}

/**
 * Moves one holder away from a credential that is near its limit, if another one is not. One per
 * call; as the target is not near its limit, instances do not move back and forth. `by` reports the
 * window; undefined when the gateway does.
 */
export function rotateEarly(
  draft: Draft,
  credential: CredentialId,
  by: InstanceId | undefined,
): void {
  const near = draft.state.credentials.get(credential)
  if (!near || !isNearLimit(near, draft.state, draft.at)) return
  const [holder] = near.leases
  if (holder === undefined) return
  const cause = by === holder ? 'report' : 'server'
  const [best] = availableCredentials(draft, holder, cause)
  if (best && !isNearLimit(best, draft.state, draft.at)) moveToOther(draft, holder, best.id, cause)
}

/** Applies the leased credential again if Claude Code does not use it yet. */
export function ensureCredentialApplied(draft: Draft, id: InstanceId): void {
  const { credential } = draft.instance(id)
  if (credential !== null) applyCredential(draft, id, credential)
}

/** Continues a turn that the model refused with this credential, once Claude Code uses it. */
export function rotateTo(
  draft: Draft,
  id: InstanceId,
  credential: CredentialId,
  reason: string,
): void {
  if (draft.instance(id).credential !== credential) lease(draft, id, credential)
  applyCredential(draft, id, credential)
  // It uses the credential already, for example through the gateway.
  if (draft.instance(id).rotation === null) return sendPrompt(draft, id, 'resume', 'typed')
  draft.enterInstance(id, { name: 'rate-limited', wait: 'rotating', reason })
}

/**
 * Tries the same credential again after a pause that grows with each error. The second throttling
 * in a row rotates once, if another credential has room.
 */
export function retryLater(draft: Draft, id: InstanceId, error: ModelError, reason: string): void {
  const { policy } = draft.state
  const { pauses: past } = draft.instance(id)
  const errors = [...past.filter((at) => at > draft.at - policy.quarantineWindowMs), draft.at]
  draft.setInstance(id, { pauses: errors })
  if (error.kind === 'other' && errors.length >= policy.quarantineFailures) {
    // The model may refuse something in the conversation; a new one does not contain it.
    draft.setInstance(id, { pauses: [], conversation: 'none' })
    return lose(draft, id, reason)
  }
  const other =
    error.kind === 'throttled' && errors.length === 2 ? othersFor(draft, id)[0] : undefined
  if (other) return rotateTo(draft, id, other.id, reason)
  enterRateLimited(draft, id, 'retrying', reason, draft.at + backOffMs(errors.length, policy))
}

/** The available credentials that the instance neither holds nor uses, the best first. */
function othersFor(draft: Draft, id: InstanceId): readonly Credential[] {
  const { credential, credentialInUse } = draft.instance(id)
  return availableCredentials(draft, id).filter(
    (other) => other.id !== credential && other.id !== credentialInUse,
  )
}

export function enterRateLimited(
  draft: Draft,
  id: InstanceId,
  wait: 'retrying' | 'parked',
  reason: string,
  until: Instant,
): void {
  draft.enterInstance(id, { name: 'rate-limited', wait, reason, until })
}
