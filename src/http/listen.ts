import type { FastifyInstance } from 'fastify'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/**
 * Listens at every address of the host, and answers the first one as a URL; throws with a remedy
 * when the server cannot listen there.
 */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
  addressesOf: (host: string) => Promise<readonly string[]> = lookUp,
): Promise<string> {
  try {
    const [first = host, ...others] = await addressesOf(host)
    const url = await app.listen({ host: first, port })
    for (const other of others) await listenToo(app, other, portOf(url))
    return url
  } catch (error) {
    const remedy = hasCode(error, 'EADDRINUSE')
      ? 'stop what uses it, or choose another port with --port (0 takes a free one)'
      : 'choose another address with --host'
    throw new Error(`the server cannot listen on ${host}:${port}; ${remedy}`, { cause: error })
  }
}

export const portOf = (url: string): number => Number(new URL(url).port)

/**
 * `localhost` is 127.0.0.1 and ::1. Fastify would open a server of its own for the second one,
 * whose connections are neither capped nor paced.
 */
const lookUp = async (host: string): Promise<readonly string[]> =>
  host === 'localhost'
    ? (await dns.lookup(host, { all: true })).map(({ address }) => address)
    : [host]

/** The connections are the surface's own, with its limits. */
async function listenToo(app: FastifyInstance, host: string, port: number): Promise<void> {
  const pass = (socket: Socket): void => void app.server.emit('connection', socket)
  // As an HTTP server has them.
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, pass)
  try {
    await once(listener.listen({ host, port }), 'listening')
  } catch (error) {
    // A machine may name an address that it does not have, for want of IPv6.
    if (hasCode(error, 'EADDRNOTAVAIL') || hasCode(error, 'EAFNOSUPPORT')) return
    throw error
  }
  app.server.once('close', () => listener.close())
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
