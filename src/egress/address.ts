import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/**
 * `public`: a host of the internet. `private`: this machine or its networks, for which an operator
 * may have a reason. `never`: no host at all, a way around these classes, or a cloud's metadata.
 */
export type AddressClass = 'public' | 'private' | 'never'

/** IANA's special-purpose registries (RFC 6890), and the metadata services of public clouds. */
const neverV4 = blocks('ipv4', [
  ...['0.0.0.0/8', '169.254.0.0/16', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  // 6to4 relays, multicast, reserved and broadcast
  ...['192.88.99.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // metadata of Oracle, Alibaba and Azure
  ...['192.0.0.192/32', '100.100.100.200/32', '168.63.129.16/32'],
])
const privateV4 = blocks('ipv4', [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '100.64.0.0/10'],
  ...['192.0.0.0/24', '198.18.0.0/15'],
])

/** All that is routed on the internet; v4-mapped addresses and NAT64 (64:ff9b::) lie outside. */
const globalV6 = blocks('ipv6', ['2000::/3'])
/** Within it: Teredo and ORCHID, documentation, 6to4. */
const notGlobalV6 = blocks('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])
const privateV6 = blocks('ipv6', ['fc00::/7', '::1/128'])
/** Metadata of AWS and Google Cloud. */
const metadataV6 = blocks('ipv6', ['fd00:ec2::254/128', 'fd20:ce::254/128'])

/** `near` are networks of this machine: their public addresses are private to it as well. */
export function classOf(address: string, near: BlockList = nearNetworks()): AddressClass {
  const isV4 = isIP(address) === 4
  // A zone ("fe80::1%eth0") belongs to link-local addresses only.
  if (!isV4 && (isIP(address) !== 6 || address.includes('%'))) return 'never'
  const found = isV4 ? classOfV4(address) : classOfV6(address)
  return found === 'public' && near.check(address, isV4 ? 'ipv4' : 'ipv6') ? 'private' : found
}

function classOfV4(address: string): AddressClass {
  if (neverV4.check(address, 'ipv4')) return 'never'
  return privateV4.check(address, 'ipv4') ? 'private' : 'public'
}

function classOfV6(address: string): AddressClass {
  const isIn = (list: BlockList): boolean => list.check(address, 'ipv6')
  if (isIn(privateV6)) return isIn(metadataV6) ? 'never' : 'private'
  return isIn(globalV6) && !isIn(notGlobalV6) ? 'public' : 'never'
}

/**
 * The networks at this machine's interfaces. Its own public address reaches its own services, and
 * an IPv6 network at home has public addresses.
 */
export function nearNetworks(): BlockList {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const list = new BlockList()
  for (const { cidr, family } of interfaces) {
    if (cidr !== null) add(list, family === 'IPv4' ? 'ipv4' : 'ipv6', cidr)
  }
  return list
}

function blocks(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) add(list, family, range)
  return list
}

function add(list: BlockList, family: 'ipv4' | 'ipv6', range: string): void {
  const [network = '', prefix] = range.split('/')
  list.addSubnet(network, Number(prefix), family)
}
