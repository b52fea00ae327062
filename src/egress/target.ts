import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

/** Where a connection shall go; `host` is a name in lower-case ASCII, or a canonical address. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly isAddress: boolean
}

/** As CONNECT writes it. */
export const authorityOf = ({ host, port }: Omit<Target, 'isAddress'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

export type TargetProblem = 'userinfo' | 'address' | 'name' | 'port'

export type ParsedTarget =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly problem: TargetProblem }

const refused = (problem: TargetProblem): ParsedTarget => ({ ok: false, problem })

/**
 * Reads `host:port`, as CONNECT and absolute-form requests write it. Every spelling has one meaning
 * here, and what has several is refused: other notations of an IPv4 address, percent encoding.
 */
export function parseTarget(text: string, defaultPort: number | null): ParsedTarget {
  if (text.includes('@')) return refused('userinfo')
  const [, host = '', digits] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === '') return refused('name')
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port === null || port < 1 || port > 65_535 || digits?.startsWith('0')) return refused('port')
  if (host.startsWith('[')) {
    const address = canonicalV6(host.slice(1, -1))
    return address === null ? refused('address') : found(address, port, true)
  }
  if (isIPv4(host)) return found(host, port, true)
  const name = toName(host)
  if (name === null) return refused('name')
  return endsInNumber(name) ? refused('address') : found(name, port, false)
}

const found = (host: string, port: number, isAddress: boolean): ParsedTarget => ({
  ok: true,
  target: { host, port, isAddress },
})

/** As URLs write it; null for what is none, and for an address with a zone. */
export function canonicalV6(text: string): string | null {
  if (!isIPv6(text) || text.includes('%')) return null
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

/** RFC 1035, and `_`, which some hosts have; at most one dot at the end. */
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const nameShape = new RegExp(String.raw`^${label}(?:\.${label})*$`)

/** The name in lower-case ASCII, without a dot at its end; null for what is no name. */
export function toName(text: string): string | null {
  const ascii = isAscii(text) ? text.toLowerCase() : fromUnicode(text)
  const name = ascii.replace(/\.$/, '')
  return name.length <= 253 && nameShape.test(name) ? name : null
}

/** Such a name is an IPv4 address to many programs: `0x7f.1`, `2130706433`, `127.1`. */
export const endsInNumber = (name: string): boolean => /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name)

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)

/** `domainToASCII` also decodes percents, which no host name may hold. */
const fromUnicode = (text: string): string => (text.includes('%') ? '' : domainToASCII(text))
