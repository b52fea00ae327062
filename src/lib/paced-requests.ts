import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { PacedConnection, ReadingTurns } from './paced-connection.ts'

/**
 * Makes the server read its connections in slices. `onConnection` gets each connection as its
 * requests show it (`request.socket`). The result serves a connection that did not come from
 * listening, and returns it in that form.
 */
export function paceRequests(
  server: Server,
  onConnection: (connection: Duplex) => void = () => undefined,
): (connection: Duplex) => Duplex {
  const listeners = server.listeners('connection') as ((connection: Duplex) => void)[]
  const turns = new ReadingTurns()
  const serve = (connection: Duplex): Duplex => {
    const paced = new PacedConnection(connection, turns)
    onConnection(paced)
    for (const listener of listeners) listener.call(server, paced)
    return paced
  }
  server.removeAllListeners('connection')
  server.on('connection', serve)
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request as { readonly socket: Duplex }
    if (socket instanceof PacedConnection) socket.begin(request, response)
  })
  server.prependListener('connect', (_: IncomingMessage, socket: Duplex) => {
    // Node leaves the connection to its listeners, and this one has no use for it.
    if (server.listenerCount('connect') === 1) {
      socket.on('error', () => undefined)
      return void socket.destroy()
    }
    if (socket instanceof PacedConnection) socket.becomeTunnel()
  })
  return serve
}
