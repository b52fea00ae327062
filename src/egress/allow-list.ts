import { classOf } from './address.ts'
import { isIn, type Network, networkText, ofAddress, parseNetwork } from './network.ts'
import { authorityOf, endsInNumber, parseTarget, type Target, toName } from './target.ts'

/** `sealed`: the hosts of the list. `proxied`: these, and every public host. */
export interface EgressPolicy {
  readonly mode: 'sealed' | 'proxied'
  readonly allow: readonly AllowedHost[]
}

export interface AllowedHost {
  /** A name, or an address. */
  readonly host: string
  /** Every name below `host`, and not `host` itself. */
  readonly isBelow: boolean
  /** Null for 443 and 80. */
  readonly port: number | null
  readonly leadsTo: Destination
}

/**
 * The addresses that an entry means. Who answers for a name chooses its addresses, so a name alone
 * means public ones; private ones only where the entry names their network. `anywhere` is for the
 * operator's own model: no entry that is written down means it.
 */
export type Destination = 'public' | 'anywhere' | Network

export type ParsedAllowedHost =
  | { readonly ok: true; readonly host: AllowedHost }
  | { readonly ok: false; readonly problem: string }

const problem = (text: string): ParsedAllowedHost => ({ ok: false, problem: text })

/**
 * Reads an entry of the operator's list: `example.com`, `*.example.com`, `host:port` or
 * `address:port`; after a name, ` in <network>` says where it leads instead of to public addresses.
 */
export function parseAllowedHost(text: string): ParsedAllowedHost {
  const [, host = text, within] = /^(\S+)\s+in\s+(\S+)$/.exec(text) ?? []
  const parsed = parseHost(host)
  if (!parsed.ok || within === undefined) return parsed
  if (parsed.host.leadsTo !== 'public') return problem('is an address, which needs no network')
  const found = parseNetwork(within)
  return found.ok ? { ok: true, host: { ...parsed.host, leadsTo: found.network } } : found
}

function parseHost(text: string): ParsedAllowedHost {
  if (text.startsWith('*.')) return parsePattern(text.slice(2))
  return /:\d+$/.test(text) ? parseExact(text) : parseName(text)
}

const shapes =
  'is not a host: write example.com, *.example.com, host:port, or host:port in 10.0.0.0/8'

const allowed = (
  host: string,
  { isBelow = false, port = null, leadsTo = 'public' }: Partial<Omit<AllowedHost, 'host'>> = {},
): ParsedAllowedHost => ({ ok: true, host: { host, isBelow, port, leadsTo } })

function parseName(text: string): ParsedAllowedHost {
  const name = toName(text)
  if (name === null) return problem(shapes)
  if (endsInNumber(name)) return problem('is an address: write it with its port, as address:port')
  if (!name.includes('.')) return problem('has no dot: write it with its port, as host:port')
  return allowed(name)
}

function parsePattern(rest: string): ParsedAllowedHost {
  const name = toName(rest)
  if (name === null || endsInNumber(name)) return problem(shapes)
  if (!name.includes('.')) return problem(`would allow every host below .${name}`)
  return allowed(name, { isBelow: true })
}

function parseExact(text: string): ParsedAllowedHost {
  const parsed = parseTarget(text, null)
  if (!parsed.ok) return problem(shapes)
  const { host, port, isAddress } = parsed.target
  if (!isAddress) return allowed(host, { port })
  if (classOf(host) === 'never') return problem('is an address that no instance may reach')
  return allowed(host, { port, leadsTo: ofAddress(host) })
}

/** The entry as it is stored; `parseAllowedHost` reads it. */
export function entryOf({ host, isBelow, port, leadsTo }: AllowedHost): string {
  const what = port === null ? host : authorityOf({ host, port })
  const isAddress = typeof leadsTo === 'object' && leadsTo.address === host
  const where = typeof leadsTo === 'object' && !isAddress ? ` in ${networkText(leadsTo)}` : ''
  return `${isBelow ? '*.' : ''}${what}${where}`
}

export type Permission =
  | {
      readonly kind: 'granted'
      readonly leadsTo: readonly Destination[]
      /** By an entry, not by the mode alone. */
      readonly isListed: boolean
    }
  | { readonly kind: 'refused'; readonly reason: 'address' | 'not-listed' | 'port' }

/** What the policy says before the name is resolved: a name that it refuses is not looked up. */
export function permissionFor(target: Target, { mode, allow }: EgressPolicy): Permission {
  const { host, port, isAddress } = target
  const isUsual = port === 443 || port === 80
  const named = allow.filter((each) => names(each, host))
  const granted = named
    .filter((each) => (each.port === null ? isUsual : each.port === port))
    .map(({ leadsTo }) => leadsTo)
  // Without a dot the resolver would try the search domains of this machine.
  const isOpen = mode === 'proxied' && !isAddress && host.includes('.')
  const isListed = granted.length > 0
  if (isOpen && isUsual) granted.push('public')
  if (granted.length > 0) return { kind: 'granted', leadsTo: granted, isListed }
  const isKnown = isOpen || named.some((each) => each.port === null)
  return { kind: 'refused', reason: isAddress ? 'address' : isKnown ? 'port' : 'not-listed' }
}

const names = (allow: AllowedHost, host: string): boolean =>
  allow.isBelow ? host.endsWith(`.${allow.host}`) : host === allow.host

/**
 * Those of a name's addresses to which the permission leads. None when one of them is an attempt to
 * reach something else; a network that an entry names is meant, whatever else the name leads to.
 */
export function destinationsAmong(
  addresses: readonly string[],
  leadsTo: readonly Destination[],
): readonly string[] {
  const classes = addresses.map((address) => classOf(address))
  if (classes.includes('never')) return []
  if (leadsTo.includes('anywhere')) return addresses
  const networks = leadsTo.filter((each) => typeof each === 'object')
  const meant = addresses.filter((address) => networks.some((network) => isIn(network, address)))
  if (meant.length > 0) return meant
  return leadsTo.includes('public') && !classes.includes('private') ? addresses : []
}
