import type { FastifyRequest } from 'fastify'
import { bearerOf, hasToken } from './identity.ts'
import type { OwnAddress } from './own-addresses.ts'
import { readCookies, type SessionCookie } from './session-cookie.ts'
import type { Session, Sessions } from './sessions.ts'
import { type Role, roleOfToken, type Tokens } from './tokens.ts'

/** What says who may read and change. */
export interface Access extends Tokens {
  readonly sessions: Sessions
  /** Where the operator's surface is reached; known when the first request arrives. */
  readonly address: () => OwnAddress
}

export interface Caller {
  readonly role: Role
  /** Null for who sent a token. */
  readonly login: { readonly session: Session; readonly cookie: SessionCookie } | null
}

/**
 * Who sent the request; null without a token or a cookie, and with one of no role. A token decides
 * alone: next to a wrong one, a cookie does not count. The password of a proxy is no token.
 */
export function callerOf(request: FastifyRequest, access: Access): Caller | null {
  if (hasToken(request)) {
    const role = roleOfToken(bearerOf(request) ?? '', access)
    return role === null ? null : { role, login: null }
  }
  const login = findLogin(request, access)
  return login && { role: login.session.role, login }
}

/**
 * Null also when two cookies are open sessions: one of them may be of another page, and their order
 * says nothing. A cookie that is none of ours, which a page at another port set, does not count.
 */
function findLogin({ headers }: FastifyRequest, { address, sessions }: Access): Caller['login'] {
  if (headers.cookie === undefined) return null
  const [login, ...others] = readCookies(headers, address().publicUrl).flatMap((cookie) => {
    const session = sessions.find(cookie.value)
    return session === null ? [] : [{ session, cookie }]
  })
  return login === undefined || others.length > 0 ? null : login
}

export const roleOf = (request: FastifyRequest, access: Access): Role | null =>
  callerOf(request, access)?.role ?? null

/** Whether who sent the request may still read, for answers that go on after it. */
export function permissionOf(request: FastifyRequest, access: Access): () => boolean {
  const login = callerOf(request, access)?.login ?? null
  return () => login === null || access.sessions.isOpen(login.session.id)
}
