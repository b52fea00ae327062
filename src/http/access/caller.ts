import type { FastifyRequest } from 'fastify'
import { bearerOf } from './identity.ts'
import type { OwnAddress } from './own-addresses.ts'
import { readCookie, type SessionCookie } from './session-cookie.ts'
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
 * alone: next to a wrong one, a cookie does not count.
 */
export function callerOf(request: FastifyRequest, access: Access): Caller | null {
  const { headers } = request
  if (headers.authorization !== undefined) {
    const role = roleOfToken(bearerOf(request) ?? '', access)
    return role === null ? null : { role, login: null }
  }
  if (headers.cookie === undefined) return null
  const cookie = readCookie(headers, access.address().publicUrl)
  const session = cookie === null ? null : access.sessions.find(cookie.value)
  return cookie === null || session === null
    ? null
    : { role: session.role, login: { session, cookie } }
}

export const roleOf = (request: FastifyRequest, access: Access): Role | null =>
  callerOf(request, access)?.role ?? null

/** Whether who sent the request may still read, for answers that go on after it. */
export function permissionOf(request: FastifyRequest, access: Access): () => boolean {
  const login = callerOf(request, access)?.login ?? null
  return () => login === null || access.sessions.isOpen(login.session.id)
}
