import {
  adoptCredentials,
  holdersOf,
  isUsable,
  putBackIntoUse,
} from '../entities/credential-leases.ts'
import { isTrusted, verdictFromReport } from '../rules/credential-trust.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialEvent } from '../model/event.ts'
import { loseWithoutBlame, sendPrompt } from '../rules/lifecycle.ts'
import { isRunning } from '../model/instance.ts'
import {
  withdrawCredential,
  moveToOther,
  rotateEarly,
  verdictOn,
} from '../rules/credential-rotation.ts'
import type { CredentialId } from '../model/ids.ts'
import type { CredentialPhase, WindowSighting } from '../model/credential.ts'

type Fact = Exclude<CredentialEvent, { type: 'usage-counted' }>

/** Takes in what was seen of credentials or said about them; answers why that changes nothing, or null. */
export function applyCredentialEvent(draft: Draft, fact: Fact): string | null {
  if (fact.type === 'credentials-changed') {
    adoptCredentials(draft, fact.credentials, fact.changed)
    for (const credential of fact.changed) reapplyChangedSecret(draft, credential)
    return null
  }
  if (fact.type === 'instance-moved') return moveByHand(draft, fact)
  if (!draft.state.credentials.has(fact.credential))
    return `there is no credential ${fact.credential}`
  switch (fact.type) {
    case 'credential-replaced':
      return onRotated(draft, fact)
    case 'credential-not-replaced':
      onRotationFailed(draft, fact)
      return null
    case 'window-seen':
      recordUsageWindow(draft, fact)
      return null
    case 'gateway-refused':
      onGatewayRefusal(draft, fact)
      return null
    case 'credential-disabled':
      withdrawCredential(draft, fact.credential, {
        name: 'disabled',
        since: draft.at,
        reason: fact.reason,
      })
      return null
    case 'credential-enabled':
      return restore(draft, fact.credential, ['disabled', 'rejected', 'spent'])
    case 'cooldown-forgotten':
      return restore(draft, fact.credential, ['cooling'])
  }
}

/** Whoever works tries again when its turn ends. Whoever waits would keep what it has from the others for ever: only a new launch helps it. */
function onRotationFailed(
  draft: Draft,
  { instance, reason }: Extract<Fact, { type: 'credential-not-replaced' }>,
): void {
  const { phase } = draft.instance(instance)
  if (phase.name === 'limited' || phase.name === 'ready') loseWithoutBlame(draft, instance, reason)
}

/** Claude Code has read it: a turn that waited for it goes on, any other one never noticed. */
function onRotated(
  draft: Draft,
  { instance: id, credential }: Extract<Fact, { type: 'credential-replaced' }>,
): string | null {
  const { credential: wanted, phase } = draft.setInstance(id, {
    credentialInUse: credential,
    isCredentialUnproved: true,
  })
  if (wanted !== credential) return null
  if (phase.name === 'limited' && phase.wait === 'swap') sendPrompt(draft, id, 'resume', 'typed')
  return null
}

/** The provider's own word, but for one: a request for a model that the key may not use is refused like the key, and anybody can make it. */
function onGatewayRefusal(draft: Draft, fact: Extract<Fact, { type: 'gateway-refused' }>): void {
  const { instance: id, credential, trouble } = fact
  const verdict = verdictOn(draft, trouble, `refused to ${id}: ${trouble.kind}`)
  if (verdict === null)
    return trouble.kind === 'throttled' ? rotateOncePerMinute(draft, fact) : undefined
  if (verdict.name !== 'rejected') return withdrawCredential(draft, credential, verdict)
  if (isTrusted(draft, id, credential))
    return withdrawCredential(draft, credential, verdictFromReport(id, draft, credential, verdict))
  if (draft.instance(id).credential === credential) moveToOther(draft, id)
}

/** Throttled through the gateway: one hop a minute, however many requests are refused meanwhile. */
function rotateOncePerMinute(
  draft: Draft,
  { instance: id, credential: refused }: Extract<Fact, { type: 'gateway-refused' }>,
): void {
  const { troubles: past, credential } = draft.instance(id)
  const troubles = past.filter((at) => at > draft.at - 60_000)
  draft.setInstance(id, { troubles: [...troubles, draft.at] })
  if (troubles.length === 0 && credential === refused) moveToOther(draft, id)
}

function restore(
  draft: Draft,
  credential: CredentialId,
  from: readonly CredentialPhase['name'][],
): string | null {
  const { name } = draft.credential(credential).phase
  if (!from.includes(name)) return `${credential} is ${name}`
  putBackIntoUse(draft, credential)
  return null
}

/** Its file holds another secret now: whoever has the old one gets the new one. */
function reapplyChangedSecret(draft: Draft, credential: CredentialId): void {
  if (draft.state.rules.credentials === 'gateway') return
  for (const holder of holdersOf(draft, credential)) {
    const { phase, launch } = draft.instance(holder)
    if (isRunning(phase))
      draft.issue({ type: 'replace-credential', instance: holder, launch, credential })
  }
}

function recordUsageWindow(
  draft: Draft,
  { credential, window, usedPercent, resetsAt, by }: Extract<Fact, { type: 'window-seen' }>,
): void {
  const seen: WindowSighting = { window, usedPercent, resetsAt, seenAt: draft.at }
  const { windows } = draft.credential(credential)
  // After a swap Claude Code still tells of the last answer, which was the previous credential's.
  const isSame = (known: WindowSighting): boolean =>
    known.window === window && known.resetsAt === resetsAt && known.usedPercent === usedPercent
  const isAnothers = [...draft.state.credentials.values()].some(
    (other) => other.id !== credential && other.windows.some(isSame),
  )
  if (isAnothers) return
  draft.setCredential(credential, {
    windows: [...windows.filter((other) => other.window !== window), seen],
  })
  const isFull =
    usedPercent >= 100 &&
    resetsAt !== null &&
    resetsAt > draft.at &&
    !draft.state.rules.allowOverage
  if (isFull && isUsable(draft.state.credentials.get(credential))) {
    const verdict = { name: 'cooling', since: draft.at, until: resetsAt, window } as const
    if (by === undefined) return withdrawCredential(draft, credential, verdict)
    if (isTrusted(draft, by, credential))
      return withdrawCredential(
        draft,
        credential,
        verdictFromReport(by, draft, credential, verdict),
      )
  }
  rotateEarly(draft, credential)
}

function moveByHand(
  draft: Draft,
  { instance, credential }: Extract<Fact, { type: 'instance-moved' }>,
): string | null {
  if (!draft.state.instances.has(instance)) return `there is no instance ${instance}`
  if (credential !== null && !draft.state.credentials.has(credential))
    return `there is no credential ${credential}`
  return moveToOther(draft, instance, credential)
    ? null
    : `no ${credential === null ? 'other credential' : credential} with room for ${instance}`
}
