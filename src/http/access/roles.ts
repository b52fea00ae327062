import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../lib/refuse.ts'
import { type Route, routes } from '../contract/routes.ts'
import { bearerOf } from './identity.ts'
import { loopbackNames } from './own-addresses.ts'

/** A reader may read everything; an operator may also change things. */
export type Role = 'reader' | 'operator'

export interface Tokens {
  readonly operatorToken: string
  readonly readerToken: string
}

/** The role of who sent the request; null without a token, and with one of no role. */
export function roleOf(request: FastifyRequest, tokens: Tokens): Role | null {
  const given = bearerOf(request) ?? ''
  // Both are compared every time, so that the time depends on neither.
  const [isOperator, isReader] = [
    isSame(given, tokens.operatorToken),
    isSame(given, tokens.readerToken),
  ]
  if (isOperator) return 'operator'
  return isReader ? 'reader' : null
}

/** In constant time; of the digests, which have the same length. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Every route that is registered on `app` after this call needs the role that the contract gives
 * it, and is refused when the contract does not know it.
 */
export function requireRoles(app: FastifyInstance, tokens: Tokens): void {
  app.addHook('onRequest', async (request) => {
    const { method, routeOptions } = request
    const route = known.get(`${method} ${routeOptions.url ?? ''}`)
    if (route === undefined) throw refuse(403, 'this route is not in the contract')
    if (route.role === 'anyone') return
    const role = roleOf(request, tokens)
    if (role === null) {
      // A mistyped token is refused also where there is an answer without one.
      const hasToken = request.headers.authorization !== undefined
      if (route.publicReply !== undefined && !hasToken && isLocal(request)) return
      throw refuse(401, remedies[route.role])
    }
    if (route.role === 'operator' && role !== 'operator')
      throw refuse(403, `a reader may change nothing; ${remedies.operator}`)
  })
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

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}
