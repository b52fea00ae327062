import { isRunning, type Instance } from '../model/instance.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId, Instant } from '../model/ids.ts'
import type { Credential, CredentialPhase } from '../model/credential.ts'
import type { State } from '../model/state.ts'

/** May be leased now. */
export const isUsable = (credential: Credential | undefined): credential is Credential =>
  credential !== undefined &&
  (credential.phase.name === 'fresh' || credential.phase.name === 'leased')

/** Nothing new is begun with a credential that rests or is out of use; one whose file is gone still works. */
export function mayBegin(
  { credentials }: State,
  { credential }: Pick<Instance, 'credential'>,
): boolean {
  const phase = credential === null ? undefined : credentials.get(credential)?.phase.name
  return phase === 'fresh' || phase === 'leased' || phase === 'missing'
}

/** Its fullest window, as far as anybody saw; what was seen before the window's reset says nothing any more. */
export function usedPercent({ windows }: Credential, at: Instant): number {
  const valid = windows.filter(({ resetsAt }) => resetsAt === null || resetsAt > at)
  return Math.max(0, ...valid.map((window) => window.usedPercent))
}

export const isNearLimit = (credential: Credential, { rules }: State, at: Instant): boolean =>
  usedPercent(credential, at) >= rules.moveAtPercent

/**
 * The best credential with room: not near its end, then the least shared, then the least used, then by name. Null when none has
 * any, and then the instance waits. One that it holds already and may keep is kept.
 */
export function leaseCredential(draft: Draft, instance: InstanceId): CredentialId | null {
  const held = draft.instance(instance).credential
  if (held !== null && isUsable(draft.state.credentials.get(held))) return held
  const [best] = availableCredentials(draft, instance)
  return best === undefined ? null : lease(draft, instance, best.id)
}

/** Usable credentials with room for this instance, the best first. */
export function availableCredentials(draft: Draft, who: InstanceId): readonly Credential[] {
  const { state, at } = draft
  const rank = (credential: Credential): readonly number[] => [
    isNearLimit(credential, state, at) ? 1 : 0,
    credential.leases.length,
    usedPercent(credential, at),
  ]
  return [...state.credentials.values()]
    .filter(
      (credential) =>
        isUsable(credential) && takenBy(state, credential, who).size < credential.capacity,
    )
    .toSorted((a, b) => compare(rank(a), rank(b)) || a.id.localeCompare(b.id))
}

/**
 * Who holds a lease, and who has not let go of it yet: until Claude Code has read another one, it uses the old one. Whoever was given no
 * other one asks nothing of the model: it is parked, or idle and has lent its own.
 */
function takenBy(
  { instances }: State,
  { id, leases }: Credential,
  who: InstanceId,
): ReadonlySet<InstanceId> {
  const using = [...instances.values()].filter(
    ({ id: user, credential, credentialInUse, phase }) =>
      user !== who && credential !== null && credentialInUse === id && isRunning(phase),
  )
  return new Set([...leases, ...using.map((instance) => instance.id)])
}

/** Gives the instance this credential instead of the one that it holds; the caller has seen that there is room. */
export function lease(draft: Draft, instance: InstanceId, id: CredentialId): CredentialId {
  releaseCredential(draft, instance)
  const leases = [...draft.credential(id).leases, instance]
  draft.enterCredential(id, { name: 'leased', since: draft.at }, { leases })
  draft.setInstance(instance, { credential: id })
  return id
}

export function releaseCredential(draft: Draft, instance: InstanceId): void {
  const held = draft.instance(instance).credential
  if (held === null) return
  draft.setInstance(instance, { credential: null })
  const credential = draft.state.credentials.get(held)
  if (!credential) return
  const leases = credential.leases.filter((holder) => holder !== instance)
  const isFree = leases.length === 0 && credential.phase.name === 'leased'
  if (isFree) draft.enterCredential(held, { name: 'fresh', since: draft.at }, { leases })
  else draft.setCredential(held, { leases })
}

/** Everybody who holds it, in the order of the leases. */
export const holdersOf = (draft: Draft, id: CredentialId): readonly InstanceId[] =>
  draft.state.credentials.get(id)?.leases ?? []

/** What a human has put out of use, or taken away, does not come back by itself because it is limited as well. */
export function takeOutOfUse(draft: Draft, id: CredentialId, phase: CredentialPhase): void {
  const { name } = draft.credential(id).phase
  if (phase.name === 'disabled' || (name !== 'disabled' && name !== 'missing'))
    draft.enterCredential(id, phase)
}

/** Back in use: a pause that is over, a human's word, or a file that was mended. */
export function putBackIntoUse(draft: Draft, id: CredentialId): void {
  const isLeased = draft.credential(id).leases.length > 0
  draft.enterCredential(id, { name: isLeased ? 'leased' : 'fresh', since: draft.at })
}

/** Ends the pauses that are over. */
export function endCooldowns(draft: Draft): void {
  for (const { id, phase } of draft.state.credentials.values()) {
    if ('until' in phase && phase.until <= draft.at) putBackIntoUse(draft, id)
  }
}

/** When the first pause of any credential ends; null when none is in a pause. */
export function earliestReset({ credentials }: State): Instant | null {
  const untils = [...credentials.values()].flatMap(({ phase }) =>
    'until' in phase ? [phase.until] : [],
  )
  return untils.length === 0 ? null : Math.min(...untils)
}

interface CredentialFile {
  readonly id: CredentialId
  readonly kind: string
}

/** Brings the pool up to date with the files that exist now; leases and pauses survive the server's restart. */
export function adoptCredentials(
  draft: Draft,
  files: readonly CredentialFile[],
  changed: readonly CredentialId[],
): void {
  const rules = draft.state.rules
  for (const { id, kind } of files) {
    // A login renews itself: two holders would log each other out.
    const capacity = kind === 'login' ? 1 : rules.instancesPerCredential
    const known = draft.state.credentials.get(id)
    if (known === undefined) {
      const phase = { name: 'fresh', since: draft.at } as const
      draft.addCredential({ id, kind, capacity, leases: [], phase, windows: [] })
      continue
    }
    draft.setCredential(id, { kind, capacity })
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
  forgetOldValues(draft, changed)
}

/** What Claude Code has of a credential that changed is its last value: that is put in place anew, and what goes wrong is not the new one's. */
function forgetOldValues(draft: Draft, changed: readonly CredentialId[]): void {
  // The gateway looks at the value with each request.
  if (draft.state.rules.credentials === 'gateway') return
  for (const { id, credentialInUse } of draft.state.instances.values()) {
    if (credentialInUse !== null && changed.includes(credentialInUse))
      draft.setInstance(id, { credentialInUse: null })
  }
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, position) => value !== other[position])
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}
