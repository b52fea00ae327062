import { BlockList, isIP, isIPv4 } from 'node:net'
import { classOf } from './address.ts'
import { canonicalV6 } from './target.ts'

/** The addresses whose first `prefix` bits are those of `address`. */
export interface Network {
  readonly address: string
  readonly prefix: number
}

export type ParsedNetwork =
  | { readonly ok: true; readonly network: Network }
  | { readonly ok: false; readonly problem: string }

const problem = (text: string): ParsedNetwork => ({ ok: false, problem: text })

/** As large as the largest private networks: 10.0.0.0/8 and fc00::/7. */
const leastPrefix = { 4: 8, 6: 7 } as const

/** Reads `10.0.0.0/8`, `fd00::/8` or an address, which stands for itself alone. */
export function parseNetwork(text: string): ParsedNetwork {
  const [, written = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = isIPv4(written) ? written : canonicalV6(written)
  if (address === null)
    return problem('names a network that cannot be read: write 10.0.0.0/8, or an address')
  const family = isIPv4(address) ? 4 : 6
  const network = ofAddress(address)
  const prefix = digits === undefined ? network.prefix : Number(digits)
  if (prefix > network.prefix || prefix < leastPrefix[family])
    return problem('names a network that is too wide: at most /8, and /7 of IPv6')
  if (!/^0*$/.test(bitsOf(address).slice(prefix)))
    return problem('names a network by an address within it: write its first address, or no prefix')
  if (classOf(address) === 'never') return problem('names a network that no instance may reach')
  return { ok: true, network: { address, prefix } }
}

/** The network of one address. */
export const ofAddress = (address: string): Network => ({
  address,
  prefix: isIPv4(address) ? 32 : 128,
})

export function isIn({ address, prefix }: Network, other: string): boolean {
  if (isIP(address) !== isIP(other)) return false
  const list = new BlockList()
  list.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6')
  return list.check(other, isIPv4(other) ? 'ipv4' : 'ipv6')
}

/** As `parseNetwork` reads it. */
export const networkText = ({ address, prefix }: Network): string =>
  prefix === ofAddress(address).prefix ? address : `${address}/${prefix}`

/** Of a canonical address. */
function bitsOf(address: string): string {
  const written = (number: number, bits: number): string => number.toString(2).padStart(bits, '0')
  if (isIPv4(address))
    return address
      .split('.')
      .map((octet) => written(Number(octet), 8))
      .join('')
  const [before = [], after = []] = address.split('::').map((part) => part.split(':'))
  const groups = [...before, ...after].filter((group) => group !== '')
  const zeros = Array.from({ length: 8 - groups.length }, () => '0')
  const start = before.filter((group) => group !== '')
  return [...start, ...zeros, ...groups.slice(start.length)]
    .map((group) => written(Number.parseInt(group, 16), 16))
    .join('')
}
