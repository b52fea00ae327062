import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { classOf } from '../egress/address.ts'
import type { Outbound } from './outbound.ts'

/** All addresses of a name. */
export type LookUp = (name: string) => Promise<readonly string[]>

/** Where a name server is silent, the proxy is asked; the answer counts for a while. */
const lookUpMs = 2_000
const rememberMs = 60_000

/**
 * Whether a host is reached without the proxy: hosts of `direct`, and what is private as far as
 * this machine knows, such as a model on loopback. A name that this machine does not know goes to
 * the proxy.
 */
export function createRoute(
  { proxy, direct }: Outbound,
  lookUp: LookUp = lookUpHere,
): (host: string) => Promise<boolean> {
  const known = new Map<string, { readonly until: number; readonly isPrivate: Promise<boolean> }>()
  const isPrivateName = (name: string): Promise<boolean> => {
    const now = performance.now()
    const found = known.get(name)
    if (found !== undefined && found.until > now) return found.isPrivate
    const isPrivate = within(lookUp(name), lookUpMs).then(
      (addresses) => addresses.length > 0 && addresses.every(isNear),
      () => false,
    )
    known.set(name, { until: now + rememberMs, isPrivate })
    return isPrivate
  }
  return async (host) => {
    const plain = host.replace(/^\[(.*)\]$/, '$1')
    if (proxy === null || direct.includes(plain)) return true
    if (isIP(plain) !== 0) return isNear(plain)
    return /(?:^|\.)localhost$/i.test(plain) || (await isPrivateName(plain))
  }
}

/** The proxy of a company reaches public hosts; link-local addresses and the like belong here. */
const isNear = (address: string): boolean => classOf(address) !== 'public'

const lookUpHere: LookUp = async (name) =>
  (await dns.lookup(name, { all: true })).map(({ address }) => address)

async function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer')), limitMs)
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
