import type { IncomingHttpHeaders } from 'node:http'
import { namesOf } from './own-addresses.ts'

/**
 * Browsers take a cookie with the prefix only over TLS, for one host and for all of its paths, so
 * that a page without TLS cannot put one of its own in its place.
 */
export type CookieName = '__Host-orchestrator' | 'orchestrator'

export interface SessionCookie {
  readonly name: CookieName
  readonly value: string
}

type SiteHeaders = Pick<IncomingHttpHeaders, 'host' | 'origin'>

/** The name of the cookie to set for who sent these headers. */
export const nameToSet = (headers: SiteHeaders, publicUrl: string | null): CookieName =>
  isOfHttpsSite(headers, publicUrl) ? '__Host-orchestrator' : 'orchestrator'

/**
 * The session's cookie in a request; null without one, with one of another form, and with two: a
 * page at another port or path may have set one of them, and the order says nothing.
 */
export function readCookie(
  headers: SiteHeaders & Pick<IncomingHttpHeaders, 'cookie'>,
  publicUrl: string | null,
): SessionCookie | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.replace(/^[ \t]+/, ''))
  for (const name of namesToRead(headers, publicUrl)) {
    const [own, ...others] = pairs.filter((pair) => pair.startsWith(`${name}=`))
    if (own === undefined) continue
    const value = own.slice(name.length + 1).trimEnd()
    return others.length === 0 && form.test(value) ? { name, value } : null
  }
  return null
}

/** The header Set-Cookie; with 0 seconds, the browser forgets the cookie. */
export function writeCookie({ name, value }: SessionCookie, seconds: number): string {
  const secure = name === '__Host-orchestrator' ? '; Secure' : ''
  return `${name}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict${secure}`
}

/** 32 bytes as base64url. */
const form = /^[A-Za-z0-9_-]{43}$/

/**
 * A proxy that ends TLS may put a name of its own into Host, and browsers send no Origin when a page
 * reads. So a cookie of the public site may arrive anywhere; on that site no other one counts.
 */
function namesToRead(headers: SiteHeaders, publicUrl: string | null): readonly CookieName[] {
  if (isOfHttpsSite(headers, publicUrl)) return ['__Host-orchestrator']
  return isHttps(publicUrl) ? ['__Host-orchestrator', 'orchestrator'] : ['orchestrator']
}

function isOfHttpsSite({ host, origin }: SiteHeaders, publicUrl: string | null): boolean {
  if (!isHttps(publicUrl)) return false
  const { hosts, origins } = namesOf(publicUrl)
  return hosts.has(host?.toLowerCase() ?? '') || origins.has(origin ?? '')
}

const isHttps = (url: string | null): url is string =>
  url?.toLowerCase().startsWith('https:') ?? false
