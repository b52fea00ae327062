import { isRunning, type Instance } from '../model/instance.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId, Instant } from '../model/ids.ts'
import type { Credential, CredentialPhase, Disclosure } from '../model/credential.ts'
import type { State } from '../model/state.ts'
import {
  causeOf,
  hasBeenGiven,
  mayReceive,
  recordDisclosure,
  recordHolders,
} from './credential-disclosure.ts'

/** Whether it may be leased now. */
export const isUsable = (credential: Credential | undefined): credential is Credential =>
  credential !== undefined &&
  (credential.phase.name === 'fresh' || credential.phase.name === 'leased')

/**
 * Whether the instance's credential may start a task or prompt. One whose file is gone still works.
 */
export function mayBegin(
  { credentials }: State,
  { credential }: Pick<Instance, 'credential'>,
): boolean {
  const phase = credential === null ? undefined : credentials.get(credential)?.phase.name
  return phase === 'fresh' || phase === 'leased' || phase === 'missing'
}

/** The usage of its fullest window, in percent, of those that have not been reset since. */
export function usedPercent({ windows }: Credential, at: Instant): number {
  const valid = windows.filter(({ resetsAt }) => resetsAt === null || resetsAt > at)
  return Math.max(0, ...valid.map((window) => window.usedPercent))
}

export const isNearLimit = (credential: Credential, { policy }: State, at: Instant): boolean =>
  usedPercent(credential, at) >= policy.moveAtPercent

/**
 * Leases the best available credential; null when none has room. A usable one that the instance
 * already holds is kept.
 */
export function leaseCredential(draft: Draft, instance: InstanceId): CredentialId | null {
  const held = draft.instance(instance).credential
  if (held !== null && isUsable(draft.state.credentials.get(held))) return held
  const [best] = availableCredentials(draft, instance)
  return best === undefined ? null : lease(draft, instance, best.id)
}

/**
 * Usable credentials with room that this instance may be given, the best first: not near its limit,
 * then the least shared, then one that the instance knows, then the least used, then by name.
 */
export function availableCredentials(
  draft: Draft,
  instance: InstanceId,
  cause: Disclosure['cause'] = causeOf(draft.state, instance),
): readonly Credential[] {
  const { state, at } = draft
  const rank = (credential: Credential): readonly number[] => [
    isNearLimit(credential, state, at) ? 1 : 0,
    credential.leases.length,
    hasBeenGiven(credential, instance) ? 0 : 1,
    usedPercent(credential, at),
  ]
  return withRoomFor(state, instance)
    .filter((credential) => mayReceive(draft, instance, credential, cause))
    .toSorted((a, b) => compare(rank(a), rank(b)) || a.id.localeCompare(b.id))
}

/** Usable credentials with room for this instance, also those that it may not be given. */
export const withRoomFor = (state: State, instance: InstanceId): readonly Credential[] =>
  [...state.credentials.values()].filter(
    (credential) =>
      isUsable(credential) && usersOf(state, credential, instance).size < credential.capacity,
  )

/**
 * Lease holders, plus instances that have or may get the credential without a lease: their Claude
 * Code has not read its new one yet, or the credential is still on its way to them. An instance
 * without a lease sends no requests: it is parked, or idle and lent its credential.
 */
function usersOf(
  { instances }: State,
  { id, leases }: Credential,
  except: InstanceId,
): ReadonlySet<InstanceId> {
  const using = [...instances.values()].filter(
    ({ id: user, credential, credentialInUse, rotation, phase }) =>
      user !== except &&
      isRunning(phase) &&
      ((credential !== null && credentialInUse === id) || rotation?.credential === id),
  )
  return new Set([...leases, ...using.map((instance) => instance.id)])
}

/**
 * Leases this credential to the instance instead of its own; the caller has checked that it has
 * room and may be given to it.
 */
export function lease(
  draft: Draft,
  instance: InstanceId,
  id: CredentialId,
  cause: Disclosure['cause'] = causeOf(draft.state, instance),
): CredentialId {
  releaseCredential(draft, instance)
  const leases = [...draft.credential(id).leases, instance]
  draft.enterCredential(id, { name: 'leased', since: draft.at }, { leases })
  draft.setInstance(instance, { credential: id, isCredentialTaken: false })
  recordDisclosure(draft, instance, id, cause)
  return id
}

/** `isTaken`: for a reason that is no report of the instance. */
export function releaseCredential(draft: Draft, instance: InstanceId, isTaken = false): void {
  const held = draft.instance(instance).credential
  if (held === null) return
  draft.setInstance(instance, { credential: null, isCredentialTaken: isTaken })
  const credential = draft.state.credentials.get(held)
  if (!credential) return
  const leases = credential.leases.filter((holder) => holder !== instance)
  const isFree = leases.length === 0 && credential.phase.name === 'leased'
  if (isFree) draft.enterCredential(held, { name: 'fresh', since: draft.at }, { leases })
  else draft.setCredential(held, { leases })
}

/** The instances that hold a lease, the oldest lease first. */
export const holdersOf = (draft: Draft, id: CredentialId): readonly InstanceId[] =>
  draft.state.credentials.get(id)?.leases ?? []

/**
 * Replaces the phase by a verdict. A disabled or missing credential keeps its phase unless the
 * verdict is `disabled`: otherwise the end of a cooldown would bring it back.
 */
export function takeOutOfUse(draft: Draft, id: CredentialId, phase: CredentialPhase): void {
  const { name } = draft.credential(id).phase
  if (phase.name === 'disabled' || (name !== 'disabled' && name !== 'missing'))
    draft.enterCredential(id, phase)
}

/** After a cooldown, by an operator, or because its file changed. */
export function putBackIntoUse(draft: Draft, id: CredentialId): void {
  const isLeased = draft.credential(id).leases.length > 0
  draft.enterCredential(id, { name: isLeased ? 'leased' : 'fresh', since: draft.at })
}

/** Puts credentials whose cooldown is over back into use. */
export function endCooldowns(draft: Draft): void {
  for (const { id, phase } of draft.state.credentials.values()) {
    if ('until' in phase && phase.until <= draft.at) putBackIntoUse(draft, id)
  }
}

/** When the first cooldown ends; null when no credential is cooling. */
export function earliestReset({ credentials }: State): Instant | null {
  const untils = [...credentials.values()].flatMap(({ phase }) =>
    'until' in phase ? [phase.until] : [],
  )
  return untils.length === 0 ? null : Math.min(...untils)
}

const blank = { leases: [], windows: [], unnamedLimits: 0, disclosures: [] } as const

interface CredentialFile {
  readonly id: CredentialId
  readonly kind: string
}

/**
 * Updates the pool from the files that exist now. Leases and cooldowns survive a restart of the
 * server.
 */
export function adoptCredentials(
  draft: Draft,
  files: readonly CredentialFile[],
  changed: readonly CredentialId[],
): void {
  const policy = draft.state.policy
  for (const { id, kind } of files) {
    // A login renews itself: two holders would log each other out.
    const capacity = kind === 'login' ? 1 : policy.instancesPerCredential
    const known = draft.state.credentials.get(id)
    if (known === undefined) {
      const phase = { name: 'fresh', since: draft.at } as const
      draft.addCredential({ id, kind, capacity, ...blank, phase })
      continue
    }
    draft.setCredential(id, { kind, capacity })
    if (changed.includes(id)) draft.setCredential(id, { unnamedLimits: 0 })
    if (known.phase.name === 'missing' || changed.includes(id)) putBackIntoUse(draft, id)
  }
  const present = new Set(files.map(({ id }) => id))
  for (const { id, leases, phase } of draft.state.credentials.values()) {
    if (present.has(id)) continue
    if (leases.length === 0) draft.removeCredential(id)
    else if (phase.name !== 'missing')
      draft.enterCredential(id, { name: 'missing', since: draft.at })
  }
  draft.sortCredentials([...present])
  recordHolders(draft)
  forgetOldValues(draft, changed)
}

/**
 * Claude Code still holds the old value of a changed credential, or is about to read it. Forgetting
 * that has the new value applied, and keeps errors of the old one from counting against it.
 */
function forgetOldValues(draft: Draft, changed: readonly CredentialId[]): void {
  // The gateway reads the value for each request.
  if (draft.state.policy.credentials === 'gateway') return
  for (const { id, credentialInUse, rotation } of draft.state.instances.values()) {
    if (credentialInUse !== null && changed.includes(credentialInUse))
      draft.setInstance(id, { credentialInUse: null })
    if (rotation !== null && changed.includes(rotation.credential))
      draft.setInstance(id, { rotation: { ...rotation, isOutdated: true } })
  }
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, position) => value !== other[position])
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}
