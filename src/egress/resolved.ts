import { classOf } from './address.ts'
import {
  destinationsAmong,
  type EgressPolicy,
  type Permission,
  permissionFor,
} from './allow-list.ts'
import { Refused } from './refusal.ts'
import { authorityOf, type Target } from './target.ts'

/** All addresses of a name; none when it has none. Rejects when nothing could be asked. */
export type Resolve = (name: string, how: Lookup) => Promise<readonly string[]>

export interface Lookup {
  /** An entry that a person wrote allows the name. */
  readonly isListed: boolean
  /** Ends the lookup. */
  readonly signal: AbortSignal
}

/** A target that was judged; a connection goes to these addresses and to no others. */
export interface ResolvedTarget extends Target {
  /** Empty when only an upstream proxy can know them. */
  readonly addresses: readonly string[]
  /** On a network of the operator, which an upstream proxy does not reach. */
  readonly isPrivate: boolean
}

export interface Judging {
  readonly policy: EgressPolicy
  readonly resolve: Resolve
  readonly signal: AbortSignal
  /** An upstream proxy resolves names that this machine may not know. */
  readonly hasUpstream: boolean
}

/**
 * Judges a target by its name and then by every address of the name. The one answer of the resolver
 * is used for the judgement and for the connection. Throws `Refused`.
 */
export async function resolveTarget(target: Target, judging: Judging): Promise<ResolvedTarget> {
  const { policy, resolve, signal, hasUpstream } = judging
  const { leadsTo, isListed } = requirePermission(target, policy)
  const found = target.isAddress ? [target.host] : await resolve(target.host, { isListed, signal })
  if (found.length === 0) {
    if (hasUpstream && isByNameAlone(leadsTo)) return { ...target, addresses: [], isPrivate: false }
    throw new UnknownHost(target.host)
  }
  const addresses = destinationsAmong(found, leadsTo)
  if (addresses.length === 0) throw refusalFor(target, found)
  return { ...target, addresses, isPrivate: isNear(addresses, leadsTo) }
}

/** An upstream proxy would look the name up again, and may be led to another network. */
const isNear = (addresses: readonly string[], leadsTo: Granted['leadsTo']): boolean =>
  addresses.some((address) => classOf(address) === 'private') || !isByNameAlone(leadsTo)

/**
 * Whether the policy of this moment leads to the addresses of a connection that is open. `late`:
 * what came meanwhile for a name that had no address.
 */
export function isAllowedNow(
  target: ResolvedTarget,
  policy: EgressPolicy,
  late: readonly string[],
): boolean {
  const { addresses } = target
  const permission = permissionFor(target, policy)
  if (permission.kind === 'refused') return false
  const { leadsTo } = permission
  if (addresses.length > 0) return destinationsAmong(addresses, leadsTo).length === addresses.length
  if (late.length === 0) return isByNameAlone(leadsTo)
  const meant = destinationsAmong(late, leadsTo)
  return meant.length > 0 && !isNear(meant, leadsTo)
}

/** Throws `Refused` for what the policy refuses by its name alone. */
export function requirePermission(target: Target, policy: EgressPolicy): Granted {
  const permission = permissionFor(target, policy)
  if (permission.kind !== 'refused') return permission
  throw new Refused(permission.reason, target, remedyFor(target, permission.reason))
}

type Granted = Exclude<Permission, { kind: 'refused' }>

const isByNameAlone = (leadsTo: Granted['leadsTo']): boolean =>
  leadsTo.some((each) => typeof each !== 'object')

class UnknownHost extends Error {
  constructor(name: string) {
    super(`${name} has no address`)
  }
}

/** An allowed name leads to addresses that are not meant. The remedy allows just the first one. */
function refusalFor(target: Target, found: readonly string[]): Refused {
  const classes = found.map((address) => classOf(address))
  if (classes.includes('never')) return new Refused('not-public', target)
  const near = found[classes.indexOf('private')]
  if (near !== undefined) return new Refused('private', target, `${authorityOf(target)} in ${near}`)
  return new Refused('elsewhere', target, remedyFor(target, 'not-listed'))
}

function remedyFor(target: Target, reason: 'address' | 'not-listed' | 'port'): string | null {
  if (target.isAddress) return classOf(target.host) === 'never' ? null : authorityOf(target)
  const isUsual = reason === 'not-listed' && (target.port === 443 || target.port === 80)
  return isUsual && target.host.includes('.') ? target.host : authorityOf(target)
}
