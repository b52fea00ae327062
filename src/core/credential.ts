import type { Draft } from './draft.ts'
import type { CredentialId, InstanceId } from './ids.ts'
import type { Credential } from './state.ts'

/** The credential with the most room, first by name; null when none has any, and then the instance waits. */
export function leaseCredential(draft: Draft, instance: InstanceId): CredentialId | null {
  const held = draft.instance(instance).credential
  if (held !== null && isUsable(draft.state.credentials.get(held))) return held
  const free = [...draft.state.credentials.values()]
    .filter((credential) => isUsable(credential) && credential.leases.length < credential.capacity)
    .sort((a, b) => a.leases.length - b.leases.length || a.id.localeCompare(b.id))
  const chosen = free[0]
  if (!chosen) return null
  releaseCredential(draft, instance)
  setCredential(draft, { ...chosen, leases: [...chosen.leases, instance], phase: { name: 'leased', since: draft.at } })
  draft.setInstance(instance, { credential: chosen.id })
  return chosen.id
}

export function releaseCredential(draft: Draft, instance: InstanceId): void {
  const held = draft.instance(instance).credential
  const credential = held === null ? undefined : draft.state.credentials.get(held)
  if (held !== null) draft.setInstance(instance, { credential: null })
  if (!credential) return
  const leases = credential.leases.filter((holder) => holder !== instance)
  const isFree = leases.length === 0 && credential.phase.name === 'leased'
  setCredential(draft, { ...credential, leases, phase: isFree ? { name: 'fresh', since: draft.at } : credential.phase })
}

/** Brings the pool up to date with the files that exist now; a lease survives the server's restart. */
export function adoptCredentials(draft: Draft, files: readonly { readonly id: CredentialId; readonly kind: string }[]): void {
  const capacity = draft.state.rules.instancesPerCredential
  const credentials = new Map<CredentialId, Credential>()
  for (const { id, kind } of files) {
    const leases = draft.state.credentials.get(id)?.leases ?? []
    credentials.set(id, { id, kind, capacity, leases, phase: { name: leases.length > 0 ? 'leased' : 'fresh', since: draft.at } })
  }
  for (const [id, gone] of draft.state.credentials) {
    if (!credentials.has(id) && gone.leases.length > 0) credentials.set(id, { ...gone, phase: { name: 'missing', since: draft.at } })
  }
  draft.set({ credentials })
}

const isUsable = (credential: Credential | undefined): credential is Credential =>
  credential !== undefined && credential.phase.name !== 'missing'

function setCredential(draft: Draft, credential: Credential): void {
  draft.set({ credentials: new Map(draft.state.credentials).set(credential.id, credential) })
}
