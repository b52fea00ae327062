import { connect, createServer, type Socket } from 'node:net'
import { listenAgain } from './listen-again.ts'

/**
 * Carries connections from loopback to the server's sockets, for programs that only speak TCP, in a
 * container without a network.
 */
export function carryConnections(sockets: string): void {
  // The server: model, tools, package registry.
  carryFrom(7700, `${sockets}/server.sock`)
  // Its proxy to other hosts.
  carryFrom(3128, `${sockets}/egress.sock`)
}

function carryFrom(port: number, path: string): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
    carry(client, path),
  )
  listenAgain(server, port)
}

function carry(client: Socket, path: string): void {
  const server = connect({ path, allowHalfOpen: true })
  client.pipe(server).pipe(client)
  // As from a port where nothing listens: a client tries again sooner than after an orderly end.
  server.on('error', () => client.resetAndDestroy())
  server.on('close', () => client.destroy())
  client.on('error', () => server.destroy())
  client.on('close', () => server.destroy())
}
