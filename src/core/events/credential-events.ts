import { applied, ignored, type Outcome } from '../model/outcome.ts'
import {
  adoptCredentials,
  holdersOf,
  isUsable,
  putBackIntoUse,
} from '../entities/credential-leases.ts'
import { acceptDisclosures, forgetDisclosures } from '../entities/credential-disclosure.ts'
import { isTrusted, verdictFromReport } from '../rules/credential-trust.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialEvent } from '../model/credential-event.ts'
import { isRunning } from '../model/instance.ts'
import {
  applyNewSecret,
  failRotation,
  notePlacement,
  useCredential,
} from '../rules/credential-placement.ts'
import { moveToOther, rotateEarly } from '../rules/credential-rotation.ts'
import { verdictOn, withdrawCredential } from '../rules/credential-verdict.ts'
import type { CredentialId } from '../model/ids.ts'
import type { CredentialPhase, WindowUsage } from '../model/credential.ts'

/** Applies what was reported about credentials, or decided about them by the operator. */
export function applyCredentialEvent(draft: Draft, event: CredentialEvent): Outcome {
  if (event.type === 'credentials-changed') {
    changeCredentials(draft, event)
    return applied
  }
  if (event.type === 'instance-moved') return moveByHand(draft, event)
  if (event.type === 'credentials-allowed') return allow(draft, event)
  // Before the check: the file of a credential on its way may be gone.
  if (event.type === 'credential-placed' || event.type === 'credential-not-replaced')
    return advanceRotation(draft, event)
  if (event.type === 'credential-replaced') return onReplaced(draft, event)
  if (!draft.state.credentials.has(event.credential))
    return ignored(`there is no credential ${event.credential}`)
  switch (event.type) {
    case 'window-seen':
      recordUsageWindow(draft, event)
      return applied
    case 'gateway-refused':
      onGatewayRefusal(draft, event)
      return applied
    case 'credential-disabled':
      withdrawCredential(draft, event.credential, {
        name: 'disabled',
        since: draft.at,
        reason: event.reason,
      })
      return applied
    case 'credential-enabled':
      return restore(draft, event.credential, ['disabled', 'rejected', 'spent'])
    case 'cooldown-forgotten':
      return restore(draft, event.credential, ['cooling'])
  }
}

function changeCredentials(
  draft: Draft,
  { credentials, changed }: Extract<CredentialEvent, { type: 'credentials-changed' }>,
): void {
  // A login renews itself, so its file changes without a person.
  const isPutThere = credentials.some(
    ({ id, kind }) =>
      kind !== 'login' && (changed.includes(id) || !draft.state.credentials.has(id)),
  )
  adoptCredentials(draft, credentials, changed)
  for (const credential of changed)
    if (draft.state.credentials.has(credential)) forgetDisclosures(draft, credential)
  for (const credential of changed) reapplyChangedSecret(draft, credential)
  if (isPutThere) acceptThoseThatWait(draft)
}

/** A person who puts a secret into the pool gives it to an instance that waits for one. */
function acceptThoseThatWait(draft: Draft): void {
  for (const { id, credential, phase } of draft.state.instances.values())
    if (credential === null && phase.name === 'rate-limited' && phase.wait === 'parked')
      acceptDisclosures(draft, id)
}

/** The outcome of the rotation's command. */
function advanceRotation(
  draft: Draft,
  event: Extract<CredentialEvent, { type: 'credential-placed' | 'credential-not-replaced' }>,
): Outcome {
  const { instance: id, credential } = event
  const notAwaited = ignored(`${id} does not wait for ${credential}`)
  if (event.type === 'credential-placed')
    return notePlacement(draft, id, credential) ? applied : notAwaited
  if (draft.instance(id).rotation?.credential !== credential) return notAwaited
  failRotation(draft, id, event.reason)
  return applied
}

function onReplaced(
  draft: Draft,
  { instance: id, credential }: Extract<CredentialEvent, { type: 'credential-replaced' }>,
): Outcome {
  const { phase } = draft.instance(id)
  if (!isRunning(phase)) return ignored(`${id} is ${phase.name}`)
  useCredential(draft, id, credential)
  return applied
}

/**
 * Trusts the provider, except for `rejected`: any instance can provoke that with a request for a
 * model that the key may not use.
 */
function onGatewayRefusal(
  draft: Draft,
  event: Extract<CredentialEvent, { type: 'gateway-refused' }>,
): void {
  const { instance: id, credential, modelError } = event
  const verdict = verdictOn(draft, modelError, `refused to ${id}: ${modelError.kind}`)
  if (verdict === null)
    return modelError.kind === 'throttled' ? rotateOncePerMinute(draft, event) : undefined
  if (verdict.name !== 'rejected') return withdrawCredential(draft, credential, verdict)
  if (isTrusted(draft, id, credential))
    return withdrawCredential(draft, credential, verdictFromReport(id, draft, credential, verdict))
  if (draft.instance(id).credential === credential) moveToOther(draft, id)
}

/** Throttled through the gateway: rotates at most once a minute, however many requests fail. */
function rotateOncePerMinute(
  draft: Draft,
  { instance: id, credential: refused }: Extract<CredentialEvent, { type: 'gateway-refused' }>,
): void {
  const { pauses: past, credential } = draft.instance(id)
  const pauses = past.filter((at) => at > draft.at - 60_000)
  draft.setInstance(id, { pauses: [...pauses, draft.at] })
  if (pauses.length === 0 && credential === refused) moveToOther(draft, id)
}

function restore(
  draft: Draft,
  credential: CredentialId,
  from: readonly CredentialPhase['name'][],
): Outcome {
  const { name } = draft.credential(credential).phase
  if (!from.includes(name)) return ignored(`${credential} is ${name}`)
  putBackIntoUse(draft, credential)
  draft.setCredential(credential, { unnamedLimits: 0 })
  return applied
}

/** The credential's file holds another secret: its running holders get the new one. */
function reapplyChangedSecret(draft: Draft, credential: CredentialId): void {
  if (draft.state.policy.credentials === 'gateway') return
  for (const holder of holdersOf(draft, credential)) {
    if (isRunning(draft.instance(holder).phase)) applyNewSecret(draft, holder, credential)
  }
}

function recordUsageWindow(
  draft: Draft,
  {
    credential,
    window,
    usedPercent,
    resetsAt,
    by,
  }: Extract<CredentialEvent, { type: 'window-seen' }>,
): void {
  const seen: WindowUsage = { window, usedPercent, resetsAt, seenAt: draft.at }
  const { windows } = draft.credential(credential)
  // After a rotation Claude Code still reports the windows of the previous credential: until it has
  // an answer with the new one, and once more if such a report was late.
  if (by !== undefined && draft.instance(by).isCredentialUnproved) return
  const isSame = (known: WindowUsage): boolean =>
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
    !draft.state.policy.allowOverage
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
  rotateEarly(draft, credential, by)
}

function moveByHand(
  draft: Draft,
  { instance, credential }: Extract<CredentialEvent, { type: 'instance-moved' }>,
): Outcome {
  if (!draft.state.instances.has(instance)) return ignored(`there is no instance ${instance}`)
  if (credential !== null && !draft.state.credentials.has(credential))
    return ignored(`there is no credential ${credential}`)
  if (moveToOther(draft, instance, credential, 'person')) return applied
  const wanted = credential ?? 'other credential'
  return ignored(`no ${wanted} with room for ${instance}`)
}

function allow(
  draft: Draft,
  { instance }: Extract<CredentialEvent, { type: 'credentials-allowed' }>,
): Outcome {
  if (!draft.state.instances.has(instance)) return ignored(`there is no instance ${instance}`)
  if (acceptDisclosures(draft, instance)) return applied
  return ignored(`${instance} was given no new credential within a day that counts`)
}
