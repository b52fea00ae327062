import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../lib/refuse.ts'
import { type Route, routes } from '../contract/routes.ts'
import { type Access, type Caller, callerOf } from './caller.ts'
import { hasToken } from './identity.ts'
import { isOfOwnPage } from './origin-check.ts'
import { loopbackNames } from './own-addresses.ts'
import { isLoopback } from './peer.ts'
import { writeCookie } from './session-cookie.ts'
import { sessionMs } from './sessions.ts'
import type { Role } from './tokens.ts'

/**
 * Every route that is registered on `app` after this call needs the role that the contract gives
 * it, and is refused when the contract does not know it.
 */
export function requireRoles(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, routeOptions } = request
    const route = known.get(`${method} ${routeOptions.url ?? ''}`)
    if (route === undefined) throw refuse(403, 'this route is not in the contract')
    if (route.role === 'anyone') return
    const caller = callerOf(request, access)
    if (caller === null) {
      // A mistyped token is refused also where there is an answer without one.
      if (route.publicReply !== undefined && !hasToken(request) && isLocal(request)) return
      throw refuse(401, remedies[route.role])
    }
    if (caller.login !== null) requireOwnPage(request)
    if (route.role === 'operator' && caller.role !== 'operator')
      throw refuse(403, `a reader may change nothing; ${remedies.operator}`)
    if (route.media !== 'events') renewLogin(caller, access, reply)
  })
}

/**
 * A browser adds its cookie to whatever any page sends, so that the cookie alone says nothing about
 * who wants a change.
 */
function requireOwnPage({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || isOfOwnPage(headers)) return
  throw refuse(
    403,
    'a change with a cookie needs the header Origin, or Sec-Fetch-Site: same-origin',
  )
}

/** The stream of events has headers of its own, and a browser with it open asks for more. */
function renewLogin({ login }: Caller, { sessions }: Access, reply: FastifyReply): void {
  if (login === null) return
  reply.header('cache-control', 'no-store')
  if (sessions.renew(login.session.id))
    reply.header('set-cookie', writeCookie(login.cookie, sessionMs / 1_000))
}

const known: ReadonlyMap<string, Route> = new Map(
  Object.values<Route>(routes).flatMap((route) => [
    [`${route.method} ${route.path}`, route],
    // fastify answers HEAD wherever it answers GET.
    ...(route.method === 'GET' ? [[`HEAD ${route.path}`, route] as const] : []),
  ]),
)

const remedies: Readonly<Record<Role, string>> = {
  operator:
    'this needs the operator token: ' +
    'Authorization: Bearer <content of operator-token in the state directory>',
  reader:
    'this needs a token: ' +
    'Authorization: Bearer <content of reader-token or operator-token in the state directory>',
}

/**
 * Sent on this machine to a loopback address. A proxy on this machine also connects from loopback,
 * but it names the public host, or whom it forwards.
 */
function isLocal({ socket, headers }: FastifyRequest): boolean {
  const name = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  return (
    isLoopback(socket.remoteAddress ?? '') &&
    loopbackNames.includes(name) &&
    ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'].every((each) => !(each in headers))
  )
}
