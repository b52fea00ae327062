import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { bearerOf } from './identity.ts'
import { refuse } from './refusal.ts'

/**
 * A page in the operator's browser must not reach the server: not by a name that it rebound to loopback (Host), not from
 * another origin (Origin). Command line clients send neither a strange Host nor any Origin.
 */
export function rejectForeignOrigins(app: FastifyInstance, hosts: readonly string[]): void {
  const known = new Set([...hosts, 'localhost', '127.0.0.1', '[::1]'])
  const isKnown = (authority: string): boolean =>
    known.has(authority.replace(/:\d+$/, '').toLowerCase())
  app.addHook('onRequest', async (request) => {
    if (!isKnown(request.headers.host ?? ''))
      throw refuse(403, 'this server does not answer to that Host name')
    const { origin } = request.headers
    if (origin !== undefined && !isKnown(origin.replace(/^https?:\/\//, '')))
      throw refuse(403, 'this server does not answer pages of another origin')
  })
}

/** Everything registered on `app` from here on needs the operator's token. */
export function requireOperator(app: FastifyInstance, operatorToken: string): void {
  const expected = Buffer.from(operatorToken)
  app.addHook('onRequest', async (request) => {
    const given = Buffer.from(bearerOf(request) ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refuse(
        401,
        'this needs the operator token: Authorization: Bearer <content of operator-token in the state directory>',
      )
    }
  })
}
