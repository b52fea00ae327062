import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import { paceRequests } from '../../lib/paced-requests.ts'
import { loopback, peerOf } from './peer.ts'

export interface ConnectionCap {
  /** Of all clients of the surface together. */
  readonly total: number
  /**
   * Of one peer, as `peerOf` answers it. Loopback, where every client is the same one, has only the
   * total, of which so many are kept for it.
   */
  readonly perPeer: number
}

/**
 * An instance at full speed has some dozens of requests open: subagents, hooks, its tools. Fifty
 * instances have fewer than the total.
 */
export const usualConnections: ConnectionCap = { total: 4_096, perPeer: 256 }

/**
 * Closes connections beyond the cap at once, and reads the others in slices. A connection needs no
 * token: without that, one instance could use up the server's file descriptors, memory and time.
 */
export function capConnections(app: FastifyInstance, cap = usualConnections): void {
  const open = new Map<string, number>()
  let total = 0
  const onConnection = (socket: Socket): void => {
    const peer = peerOf(socket.remoteAddress)
    const ofPeer = open.get(peer) ?? 0
    const [most, mostOfAll] =
      peer === loopback ? [cap.total, cap.total] : [cap.perPeer, cap.total - cap.perPeer]
    if (total >= mostOfAll || ofPeer >= most) return void socket.destroy()
    total += 1
    open.set(peer, ofPeer + 1)
    socket.once('close', () => {
      total -= 1
      const left = (open.get(peer) ?? 1) - 1
      if (left === 0) open.delete(peer)
      else open.set(peer, left)
    })
  }
  // Before the server's own listener, which would begin to read.
  app.server.prependListener('connection', onConnection)
  paceRequests(app.server)
}
