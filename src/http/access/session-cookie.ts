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
 * What may be the session's cookie in a request, each value once. There may be several: a page at
 * another port or path can set one of the same name.
 */
export function readCookies(
  headers: SiteHeaders & Pick<IncomingHttpHeaders, 'cookie'>,
  publicUrl: string | null,
): readonly SessionCookie[] {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.replace(/^[ \t]+/, ''))
  const found = namesToRead(headers, publicUrl).flatMap((name) =>
    pairs
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => ({ name, value: pair.slice(name.length + 1).trimEnd() }))
      .filter(({ value }) => form.test(value)),
  )
  return [...new Map(found.map((cookie) => [cookie.value, cookie])).values()]
}

/** The header Set-Cookie; with 0 seconds, the browser forgets the cookie. */
export function writeCookie({ name, value }: SessionCookie, seconds: number): string {
  const secure = name === '__Host-orchestrator' ? '; Secure' : ''
  return `${name}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict${secure}`
}

/** 32 bytes as base64url. */
const form = /^[A-Za-z0-9_-]{43}$/

/**
 * A proxy that ends TLS may put a name of its own into Host, and browsers send no Origin when a
 * page reads. So a cookie of the public site may arrive anywhere; on that site no other one counts.
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
