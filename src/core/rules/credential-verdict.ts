import {
  holdersOf,
  isUsable,
  releaseCredential,
  takeOutOfUse,
} from '../entities/credential-leases.ts'
import { mayReceive } from '../entities/credential-disclosure.ts'
import type { CredentialPhase } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId } from '../model/ids.ts'
import type { ModelError } from '../model/model-error.ts'
import { rotate } from './credential-lending.ts'
import { moveToOther, retryLater, rotateTo } from './credential-rotation.ts'
import { isTrusted, verdictFromReport, type Verdict } from './credential-trust.ts'
import { restartWithoutPenalty } from './lifecycle.ts'

/**
 * Cooldown of a credential whose reset is unknown: long enough not to hammer the provider, short
 * enough not to lose a night.
 */
const unknownResetMs = 15 * 60_000

/**
 * A per-minute limit is over by then. With an API key Claude Code says only that a 429 came, not
 * which limit it was, so the first guess is the cheap one.
 */
const firstRestMs = 60_000

/**
 * Reacts to a failed turn of an instance. An overloaded provider or a network failure is waited
 * out. A credential at fault is taken out of use, and its holders move to another one.
 */
export function onModelError(
  draft: Draft,
  id: InstanceId,
  error: ModelError,
  reason: string,
): void {
  const { credentialInUse: credential, isCredentialUnproved } = draft.instance(id)
  // Claude Code reports the same error when it did not adopt a new value, which happens with API
  // keys. A new launch shows which it was.
  if (error.kind === 'rejected' && isCredentialUnproved)
    return restartWithoutPenalty(draft, id, reason)
  // The gateway has the provider's own answer; the report of an instance may be invented.
  const verdict =
    draft.state.policy.credentials === 'gateway' ? null : verdictOn(draft, error, reason)
  if (verdict === null) return retryLater(draft, id, error, reason)
  if (credential !== null && draft.state.credentials.has(credential)) {
    if (!isTrusted(draft, id, credential)) return rejectAccusation(draft, id, error, reason)
    const rested = restFirst(draft, credential, error, verdict)
    withdrawCredential(draft, credential, verdictFromReport(id, draft, credential, rested), id)
  }
  rotate(draft, id, reason)
}

/**
 * The instance has had too many credentials taken out of use, so its report does not count. It
 * pauses as after an error of its own, and then tries another credential. If none has room, a
 * parked instance gets this one, which shows whether it works.
 */
function rejectAccusation(draft: Draft, id: InstanceId, error: ModelError, reason: string): void {
  const { credential } = draft.instance(id)
  const own = credential === null ? undefined : draft.state.credentials.get(credential)
  const other = [...draft.state.instances.values()].find(
    (each) =>
      each.phase.name === 'rate-limited' &&
      each.phase.wait === 'parked' &&
      own !== undefined &&
      mayReceive(draft, each.id, own),
  )
  if (!moveToOther(draft, id) && other && credential !== null) {
    releaseCredential(draft, id)
    rotateTo(draft, other.id, credential, reason)
  }
  retryLater(
    draft,
    id,
    error,
    `${id} alone took several credentials out of use, so this report does not count: ${reason}`,
  )
}

/**
 * Takes a credential out of use and moves its holders to others before they meet the same error.
 * `failed` has met it already; the caller moves it.
 */
export function withdrawCredential(
  draft: Draft,
  credential: CredentialId,
  verdict: CredentialPhase,
  failed: InstanceId | null = null,
): void {
  takeOutOfUse(draft, credential, verdict)
  for (const holder of holdersOf(draft, credential))
    if (holder !== failed) moveToOther(draft, holder)
}

/**
 * Shortens the cooldown of an API key or auth token for a limit that Claude Code does not name: it
 * may be one per minute, or a month's. It begins with a minute and doubles with each refusal in a
 * row, up to the cooldown of a subscription.
 */
function restFirst(draft: Draft, id: CredentialId, error: ModelError, verdict: Verdict): Verdict {
  const { kind, unnamedLimits, phase } = draft.credential(id)
  const isUnnamed = error.kind === 'quota' && error.window === 'unknown' && error.until === null
  const isKey = kind === 'api-key' || kind === 'auth-token'
  if (!isUnnamed || !isKey || verdict.name !== 'cooling') return verdict
  const restMs = Math.min(firstRestMs * 2 ** unnamedLimits, unknownResetMs)
  // Others that share it report the same limit.
  if (phase.name !== 'cooling') draft.setCredential(id, { unnamedLimits: unnamedLimits + 1 })
  return { ...verdict, until: draft.at + restMs }
}

/** The model answered with this credential: its next limit is another one. */
export function endUnnamedLimits(draft: Draft, id: CredentialId | null): void {
  if (id === null) return
  const credential = draft.state.credentials.get(id)
  // The usage of a request before the refusal may be reported after it.
  if (credential && credential.unnamedLimits > 0 && isUsable(credential))
    draft.setCredential(id, { unnamedLimits: 0 })
}

/** What a model error means for the credential; null when the credential is not at fault. */
export function verdictOn(draft: Draft, error: ModelError, reason: string): Verdict | null {
  const since = draft.at
  switch (error.kind) {
    case 'quota':
    case 'model-quota': {
      const window = error.kind === 'quota' ? error.window : 'model'
      return {
        name: 'cooling',
        since,
        window,
        until: Math.max(error.until ?? since + unknownResetMs, since + 1_000),
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
