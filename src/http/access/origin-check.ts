import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { bearerOf } from './identity.ts'
import { refuse } from '../../lib/refuse.ts'

/**
 * Refuses requests of foreign pages in the operator's browser: by the Host header when the page's
 * name was rebound to loopback, by the Origin header otherwise. Command line clients send a known
 * Host and no Origin.
 */
export function rejectForeignOrigins(app: FastifyInstance, hosts: readonly string[]): void {
  const known = new Set([...hosts, 'localhost', '127.0.0.1', '[::1]'])
  const isKnown = (authority: string): boolean =>
    known.has(authority.replace(/:\d+$/, '').toLowerCase())
  app.addHook('onRequest', async (request) => {
    if (!isKnown(request.headers.host ?? ''))
      throw refuse(403, 'the Host header does not name this server')
    const { origin } = request.headers
    if (origin !== undefined && !isKnown(origin.replace(/^https?:\/\//, '')))
      throw refuse(403, 'this server does not accept requests of another origin')
  })
}

/** Every route that is registered on `app` after this call needs the operator's token. */
export function requireOperator(app: FastifyInstance, operatorToken: string): void {
  const expected = Buffer.from(operatorToken)
  app.addHook('onRequest', async (request) => {
    const given = Buffer.from(bearerOf(request) ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refuse(
        401,
        'this needs the operator token: ' +
          'Authorization: Bearer <content of operator-token in the state directory>',
      )
    }
  })
}
