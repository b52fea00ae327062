import { releaseCredential, holdersOf, takeOutOfUse } from '../entities/credential-leases.ts'
import type { CredentialPhase } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId } from '../model/ids.ts'
import type { ModelError } from '../model/model-error.ts'
import { rotate } from './credential-lending.ts'
import { moveToOther, retryLater, rotateTo } from './credential-rotation.ts'
import { isTrusted, verdictFromReport, type Verdict } from './credential-trust.ts'
import { restartWithoutPenalty } from './lifecycle.ts'

/** A reset that nobody told; long enough not to hammer, short enough not to sleep through the night. */
const unknownResetMs = 15 * 60_000

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
    return restartWithoutPenalty(draft, id, reason)
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
