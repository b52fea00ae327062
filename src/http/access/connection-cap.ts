import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import { paceRequests } from '../../lib/paced-requests.ts'

export interface ConnectionCap {
  /** Of all clients of the surface together. */
  readonly total: number
  /** Of one address; loopback, where every client has the same one, has only the total. */
  readonly perAddress: number
}

/**
 * An instance at full speed has some dozens of requests open: subagents, hooks, its tools. Fifty
 * instances have fewer than the total.
 */
export const usualConnections: ConnectionCap = { total: 4_096, perAddress: 256 }

/**
 * Closes connections beyond the cap at once, and reads the others in slices. A connection needs no
 * token: without that, one instance could use up the server's file descriptors, memory and time.
 */
export function capConnections(app: FastifyInstance, cap = usualConnections): void {
  const open = new Map<string, number>()
  let total = 0
  const onConnection = (socket: Socket): void => {
    const address = socket.remoteAddress ?? ''
    const ofAddress = open.get(address) ?? 0
    const most = isShared(address) ? cap.total : cap.perAddress
    if (total >= cap.total || ofAddress >= most) return void socket.destroy()
    total += 1
    open.set(address, ofAddress + 1)
    socket.once('close', () => {
      total -= 1
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  }
  // Before the server's own listener, which would begin to read.
  app.server.prependListener('connection', onConnection)
  paceRequests(app.server)
}

/** Also a Unix socket, which has no address. */
const isShared = (address: string): boolean =>
  address === '' || address === '::1' || /^(?:::ffff:)?127\./.test(address)
