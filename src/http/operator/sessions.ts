import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isoTime } from '../../lib/iso-time.ts'
import { refuse } from '../../lib/refuse.ts'
import type { Log } from '../../ports/log.ts'
import { type Access, type Caller, callerOf } from '../access/caller.ts'
import { LoginBackOff } from '../access/login-back-off.ts'
import { isOfOwnPage } from '../access/origin-check.ts'
import { peerOf } from '../access/peer.ts'
import { nameToSet, type SessionCookie, writeCookie } from '../access/session-cookie.ts'
import { sessionMs } from '../access/sessions.ts'
import { roleOfToken } from '../access/tokens.ts'
import { routes } from '../contract/routes.ts'
import { serve } from './serve.ts'

export interface SessionDeps {
  readonly log: Log
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A token is far shorter; without a token no more than this is read. */
const bodyLimit = 4 * 1024

const unkept = refuse(
  503,
  'the logout lasts until the server stops: sessions.json in its state directory can be neither ' +
    'written nor deleted; delete it, or log out again when that works',
)

/** Logins of browsers: a token is exchanged for a cookie. */
export function sessionRoutes(
  app: FastifyInstance,
  { log, now }: SessionDeps,
  access: Access,
): void {
  const { sessions, address } = access
  const backOff = new LoginBackOff()

  /** A right token never waits: many people may share an address with who guesses. */
  const refuseWrongToken = (request: FastifyRequest, reply: FastifyReply): Error => {
    const peer = peerOf(request.socket.remoteAddress)
    const waitMs = backOff.waitMs(peer, now())
    if (waitMs > 0) {
      reply.header('retry-after', Math.ceil(waitMs / 1_000))
      return refuse(429, 'too many wrong tokens came from this address; try again later')
    }
    const failures = backOff.fail(peer, now())
    if (failures === 5) log.warn({ peer, failures }, 'logins with wrong tokens')
    return refuse(401, 'this is neither the operator’s token nor the readers’')
  }

  serve(
    app,
    routes.openSession,
    ({ body }, reply) => {
      const { request } = reply
      const role = roleOfToken(body.token, access)
      if (role === null) throw refuseWrongToken(request, reply)
      const former = loginOf(request, access)
      if (former !== null && isOfOwnPage(request.headers)) sessions.end(former.session.id)
      const { session, value } = sessions.open(role)
      const name = nameToSet(request.headers, address().publicUrl)
      setCookie(reply, { name, value }, sessionMs / 1_000)
      log.info({ role }, 'a browser logged in')
      reply.code(201)
      return { role, expiresAt: isoTime(session.expiresAt) }
    },
    { bodyLimit },
  )
  serve(app, routes.session, (_request, reply) => {
    const caller = callerOf(reply.request, access)
    if (caller === null) throw refuse(401, 'the session has ended')
    const session = caller.login?.session ?? null
    return { role: caller.role, expiresAt: session && isoTime(session.expiresAt) }
  })
  serve(app, routes.endSession, (_request, reply) => {
    const login = loginOf(reply.request, access)
    if (login === null) throw refuse(409, 'a token has no session that could be ended')
    setCookie(reply, { ...login.cookie, value: '' }, 0)
    if (!sessions.end(login.session.id)) throw unkept
    return null
  })
  serve(app, routes.endSessions, (_request, reply) => {
    const login = loginOf(reply.request, access)
    if (login !== null) setCookie(reply, { ...login.cookie, value: '' }, 0)
    if (!sessions.endAll()) throw unkept
    log.info({}, 'all browsers were logged out')
    return null
  })
}

const loginOf = (request: FastifyRequest, access: Access): Caller['login'] =>
  callerOf(request, access)?.login ?? null

function setCookie(reply: FastifyReply, cookie: SessionCookie, seconds: number): void {
  reply.header('cache-control', 'no-store')
  // It would be sent next to that of a renewal.
  reply.removeHeader('set-cookie')
  reply.header('set-cookie', writeCookie(cookie, seconds))
}
