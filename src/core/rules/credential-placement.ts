import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import { begun, placed } from '../model/rotation.ts'
import { restartWithoutPenalty } from './lifecycle.ts'
import { continuePrompt, sendPrompt } from './prompting.ts'

/**
 * Makes the running launch use its leased credential. Through the gateway the lease is enough;
 * otherwise Claude Code must read the new value. While another credential is on its way, nothing is
 * issued: the end of that rotation applies this one.
 */
export function applyCredential(draft: Draft, id: InstanceId, credential: CredentialId): void {
  const { rotation, credentialInUse } = draft.instance(id)
  if (draft.state.policy.credentials === 'gateway')
    draft.setInstance(id, { credentialInUse: credential })
  else if (rotation === null && credentialInUse !== credential) begin(draft, id, credential)
}

/** The file of the leased credential holds another secret, which the running launch must get. */
export function applyNewSecret(draft: Draft, id: InstanceId, credential: CredentialId): void {
  if (draft.instance(id).rotation === null) begin(draft, id, credential)
}

function begin(draft: Draft, id: InstanceId, credential: CredentialId): void {
  draft.setInstance(id, { rotation: begun(credential, draft.at) })
  issuePlacement(draft, id, credential)
}

/** Issues the command of a rotation, the first time or, after a restart of the server, again. */
export function issuePlacement(draft: Draft, id: InstanceId, credential: CredentialId): void {
  const { launch } = draft.instance(id)
  draft.issue({ type: 'replace-credential', instance: id, launch, credential })
}

/** The instance has the credential. False when its rotation does not wait for that. */
export function notePlacement(draft: Draft, id: InstanceId, credential: CredentialId): boolean {
  const { rotation } = draft.instance(id)
  if (rotation?.credential !== credential) return false
  draft.setInstance(id, { rotation: placed(rotation, draft.at) })
  return true
}

/**
 * Claude Code reports that it read its settings. That says nothing about a credential whose
 * placement is not recorded yet: the report may belong to an earlier write. False when no rotation
 * waits for it.
 */
export function noteSettingsRead(draft: Draft, id: InstanceId): boolean {
  const { rotation } = draft.instance(id)
  if (rotation?.step !== 'reading') return false
  useCredential(draft, id, rotation.credential)
  return true
}

/** Claude Code uses the credential: a turn or a prompt that waited for the rotation goes on. */
export function useCredential(draft: Draft, id: InstanceId, credential: CredentialId): void {
  const { rotation, credentialInUse: before, launch } = draft.instance(id)
  const own = rotation?.credential === credential ? rotation : null
  draft.setInstance(id, {
    credentialInUse: own?.isOutdated === true ? null : credential,
    isCredentialUnproved: true,
    rotation: own === null ? rotation : null,
  })
  if (!isLogin(draft, credential) && mayBeLogin(draft, before))
    draft.issue({ type: 'take-login-back', instance: id, launch })
  goOn(draft, id)
}

/**
 * The credential was not placed, or Claude Code did not read its settings in time. A working
 * instance tries again when its turn ends. A waiting one would block the credential for ever: it is
 * restarted.
 */
export function failRotation(draft: Draft, id: InstanceId, reason: string): void {
  const { rotation, credential: leased, phase } = draft.instance(id)
  if (rotation === null) return
  if (phase.name === 'rate-limited' || phase.name === 'ready')
    return restartWithoutPenalty(draft, id, reason)
  draft.setInstance(id, { rotation: null })
  // The settings may hold the credential that failed, even if the leased one was in use before.
  if (leased !== null && leased !== rotation.credential) begin(draft, id, leased)
  else finishWait(draft, id)
}

/** The deadline of the rotation's step has passed. */
export function expireRotation(draft: Draft, id: InstanceId): void {
  const { rotation } = draft.instance(id)
  if (rotation === null) return
  const { credential, step } = rotation
  failRotation(
    draft,
    id,
    step === 'reading'
      ? `${id} did not confirm that it read ${credential}`
      : `${credential} was not placed in ${id} in time`,
  )
}

/** Applies the leased credential if it is not in use; otherwise ends the wait for the rotation. */
function goOn(draft: Draft, id: InstanceId): void {
  const { credential: leased } = draft.instance(id)
  if (leased !== null) applyCredential(draft, id, leased)
  if (draft.instance(id).rotation === null) finishWait(draft, id)
}

function finishWait(draft: Draft, id: InstanceId): void {
  const { phase } = draft.instance(id)
  if (!isRunning(phase)) return
  if (phase.name === 'rate-limited' && phase.wait === 'rotating')
    sendPrompt(draft, id, 'resume', 'typed')
  else continuePrompt(draft, id, 'rotation')
}

const kindOf = (draft: Draft, credential: CredentialId | null): string | undefined =>
  credential === null ? undefined : draft.state.credentials.get(credential)?.kind

const isLogin = (draft: Draft, credential: CredentialId): boolean =>
  kindOf(draft, credential) === 'login'

/** True for an unknown one, too: taking back what is not there changes nothing. */
const mayBeLogin = (draft: Draft, credential: CredentialId | null): boolean =>
  (kindOf(draft, credential) ?? 'login') === 'login'
