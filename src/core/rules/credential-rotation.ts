import { isNearLimit, lease, availableCredentials } from '../entities/credential-leases.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Credential } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId, Instant } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import type { ModelError } from '../model/model-error.ts'
import { lose } from './lifecycle.ts'
import { sendPrompt } from './prompting.ts'

/** From replacing a credential to Claude Code's word that it has read it takes 1.2 s; after this the launch is given up. */
const rotationTimeoutMs = 10_000

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

/** Where the credential that it is meant to have and the one that it has are not the same, it is put in place, once more if need be. */
export function ensureCredentialApplied(draft: Draft, id: InstanceId): void {
  const { credential } = draft.instance(id)
  if (credential !== null) applyCredential(draft, id, credential)
}

export function rotateTo(
  draft: Draft,
  id: InstanceId,
  credential: CredentialId,
  reason: string,
): void {
  if (draft.instance(id).credential !== credential) lease(draft, id, credential)
  applyCredential(draft, id, credential)
  if (draft.state.rules.credentials === 'gateway') return sendPrompt(draft, id, 'resume', 'typed')
  enterRateLimited(draft, id, 'swap', reason, draft.at + rotationTimeoutMs)
}

/** Through the gateway the lease is the whole change; otherwise Claude Code must read the new value. */
export function applyCredential(draft: Draft, id: InstanceId, credential: CredentialId): void {
  const instance = draft.instance(id)
  if (draft.state.rules.credentials === 'gateway')
    draft.setInstance(id, { credentialInUse: credential })
  else if (instance.credentialInUse !== credential) {
    draft.issue({ type: 'replace-credential', instance: id, launch: instance.launch, credential })
  }
}

/** The same credential again, after a pause that grows; a throttled one is exchanged once if another has room. */
export function retryLater(
  draft: Draft,
  id: InstanceId,
  trouble: ModelError,
  reason: string,
): void {
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

/** What an instance could have instead of what it has. */
function othersFor(draft: Draft, id: InstanceId): readonly Credential[] {
  const { credential, credentialInUse } = draft.instance(id)
  return availableCredentials(draft, id).filter(
    (other) => other.id !== credential && other.id !== credentialInUse,
  )
}

export function enterRateLimited(
  draft: Draft,
  id: InstanceId,
  wait: 'pause' | 'swap' | 'park',
  reason: string,
  until: Instant,
): void {
  draft.enterInstance(id, { name: 'limited', wait, reason, until })
}
