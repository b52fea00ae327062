import type { Credential, Disclosure } from '../model/credential.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId, Instant } from '../model/ids.ts'
import type { State } from '../model/state.ts'

/*
 * In file mode an instance can read each credential that it is given, and its own reports say when
 * it needs another one. So the number of new ones is limited. A credential that it has had before
 * reveals nothing new: it may always get that one again.
 */

/** Within this time before now, new secrets count. */
const countedMs = 24 * 3_600_000

/** New secrets within a day that nothing but the reports of the instance itself led to. */
export const mostByReport = 2

/**
 * New secrets within a day in all, without the first one and those that a person decided. Instances
 * that act together can take credentials from each other, which no report of the receiver shows.
 */
export const mostInAll = 6

type Cause = Disclosure['cause']

type Now = Pick<Draft, 'state' | 'at'>

export const hasBeenGiven = ({ disclosures }: Credential, id: InstanceId): boolean =>
  disclosures.some(({ instance }) => instance === id)

/** Why the instance would get a new credential now. */
export function causeOf({ instances, credentials }: State, id: InstanceId): Cause {
  if (![...credentials.values()].some((each) => hasBeenGiven(each, id))) return 'first'
  const instance = instances.get(id)
  if (!instance || instance.credential === null)
    return instance?.isCredentialTaken === true ? 'server' : 'report'
  const phase = credentials.get(instance.credential)?.phase
  // While its own one could be used, only what it reports asks for another one.
  if (phase?.name === 'fresh' || phase?.name === 'leased') return 'report'
  return phase !== undefined && 'by' in phase && phase.by === id ? 'report' : 'server'
}

/** Whether the instance may be given this credential for that cause. */
export function mayReceive(
  { state, at }: Now,
  id: InstanceId,
  credential: Credential,
  cause: Cause = causeOf(state, id),
): boolean {
  if (state.policy.credentials === 'gateway' || hasBeenGiven(credential, id)) return true
  if (cause === 'first' || cause === 'person') return true
  const counted = countedCauses(state, id, at)
  if (counted.length >= mostInAll) return false
  return cause === 'server' || counted.filter((each) => each === 'report').length < mostByReport
}

function countedCauses({ credentials }: State, id: InstanceId, at: Instant): readonly Cause[] {
  return [...credentials.values()]
    .flatMap(({ disclosures }) => disclosures)
    .filter((each) => each.instance === id && each.at > at - countedMs)
    .map(({ cause }) => cause)
    .filter((cause) => cause === 'report' || cause === 'server')
}

/** Records that the instance is given the secret, if it gets it and has not had it before. */
export function recordDisclosure(
  draft: Draft,
  instance: InstanceId,
  id: CredentialId,
  cause: Cause,
): void {
  const credential = draft.credential(id)
  if (draft.state.policy.credentials === 'gateway' || hasBeenGiven(credential, instance)) return
  const disclosures = [...credential.disclosures, { instance, at: draft.at, cause }]
  draft.setCredential(id, { disclosures })
}

/**
 * After a start: instances hold credentials that they were given before disclosures were recorded,
 * or while the gateway used them.
 */
export function recordHolders(draft: Draft): void {
  for (const { id, leases } of draft.state.credentials.values())
    for (const holder of leases) {
      const cause = causeOf(draft.state, holder) === 'first' ? 'first' : 'server'
      recordDisclosure(draft, holder, id, cause)
    }
}

/** The file has another secret, which only those that hold the credential are given. */
export function forgetDisclosures(draft: Draft, id: CredentialId): void {
  const { leases, disclosures } = draft.credential(id)
  draft.setCredential(id, {
    disclosures: disclosures.filter(({ instance }) => leases.includes(instance)),
  })
}

/** A person accepts what the instance was given. False when nothing counts against it. */
export function acceptDisclosures(draft: Draft, id: InstanceId): boolean {
  if (countedCauses(draft.state, id, draft.at).length === 0) return false
  for (const credential of draft.state.credentials.values())
    if (hasBeenGiven(credential, id))
      draft.setCredential(credential.id, {
        disclosures: credential.disclosures.map((each) =>
          each.instance === id && each.cause !== 'first' ? { ...each, cause: 'person' } : each,
        ),
      })
  return true
}
