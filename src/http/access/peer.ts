import { isIP } from 'node:net'

/**
 * Who counts as one sender: a connection's address, of IPv6 its /64, which one machine may have as
 * a whole. Every address of loopback is the same one, and so is none, that of a Unix socket.
 */
export function peerOf(address = ''): string {
  const plain = plainAddress(address)
  if (plain === '' || isLoopback(plain)) return loopback
  return isIP(plain) === 6 ? `${firstHalf(plain)}::/64` : plain
}

export const loopback = 'loopback'

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/** Without a zone; an IPv4 address that a socket of IPv6 shows, as IPv4. */
const plainAddress = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

function firstHalf(address: string): string {
  // `::` stands for as many zeros as are missing.
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const all = [...head, ...zeros, ...tail]
  return all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')
}
