import { BlockList, isIP } from 'node:net'

/** Hosts that are reached without the operator's proxy. */
export interface DirectHosts {
  /** As the operator wrote them, for programs that read `NO_PROXY`. */
  readonly entries: readonly string[]
  includes(host: string): boolean
}

interface Matcher {
  readonly kind: 'name' | 'block' | 'all'
  readonly name: string
}

/**
 * Reads entries as most programs read `NO_PROXY`: a name stands for itself and all names below it,
 * with or without `.` or `*.` before it; an address, a network (`10.0.0.0/8`), or `*` for all.
 */
export function directHosts(entries: readonly string[]): DirectHosts {
  const blocks = new BlockList()
  const matchers = entries.flatMap((entry) => readEntry(entry, blocks) ?? [])
  const names = matchers.flatMap(({ kind, name }) => (kind === 'name' ? [name] : []))
  const isAll = matchers.some(({ kind }) => kind === 'all')
  return {
    entries,
    includes(host) {
      const plain = host
        .toLowerCase()
        .replace(/^\[(.*)\]$/, '$1')
        .replace(/\.$/, '')
      const family = isIP(plain)
      if (isAll) return true
      if (family !== 0) return blocks.check(plain, family === 4 ? 'ipv4' : 'ipv6')
      return names.some((name) => plain === name || plain.endsWith(`.${name}`))
    },
  }
}

export const isDirectHost = (entry: string): boolean => readEntry(entry, new BlockList()) !== null

/** Null for what is none of these. */
function readEntry(entry: string, blocks: BlockList): Matcher | null {
  if (entry === '*') return { kind: 'all', name: '' }
  const [address = '', prefix, ...rest] = entry.replace(/^\[(.*)\]$/, '$1').split('/')
  const family = isIP(address)
  if (family !== 0) {
    const widest = family === 4 ? 32 : 128
    const bits = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (rest.length > 0 || bits < 0 || bits > widest || address.includes('%')) return null
    blocks.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
    return { kind: 'block', name: '' }
  }
  const name = entry.replace(/^\*?\./, '').toLowerCase()
  return /^[a-z0-9_](?:[a-z0-9._-]{0,252})$/.test(name) ? { kind: 'name', name } : null
}
