import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { refuse } from '../../lib/refuse.ts'
import type { LaunchName } from '../../ports/launch-sockets.ts'
import { tokenOf } from './identity.ts'

/** The launch whose socket a connection came through. A TCP connection has none. */
const launches = new WeakMap<Duplex, LaunchName>()

export const recordLaunch = (connection: Duplex, launch: LaunchName): void =>
  void launches.set(connection, launch)

export const launchOf = (connection: Duplex): LaunchName | null => launches.get(connection) ?? null

/**
 * Refuses a token that does not belong to the socket through which it arrives: a token that leaked
 * is of no use to another instance.
 */
export function requireOwnSocket(app: FastifyInstance, tokens: LaunchTokens): void {
  app.addHook('onRequest', async (request) => {
    const own = launches.get(request.raw.socket)
    const token = tokenOf(request)
    if (own === undefined || token === null) return
    const named = tokens.identify(token)
    if (named !== null && (named.instance !== own.instance || named.launch !== own.launch))
      throw refuse(403, 'this token is not of the launch that owns this socket')
  })
}
