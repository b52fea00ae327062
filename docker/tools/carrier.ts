// Carries connections from loopback to the server's sockets, for programs that only speak TCP, in a
// container without a network. Hooks and tools use the sockets themselves and do not need it.
//   127.0.0.1:7700  the server: model, tools, package registry
//   127.0.0.1:3128  its proxy to other hosts
import { connect, createServer, type Socket } from 'node:net'

const { ORCHESTRATOR_SOCKETS: sockets = '/run/orchestrator' } = process.env

/** Milliseconds; another process of the instance may hold a port for a while. */
const listenAgainMs = 500

function carry(client: Socket, path: string): void {
  const server = connect({ path, allowHalfOpen: true })
  client.pipe(server).pipe(client)
  // As from a port where nothing listens: a client tries again sooner than after an orderly end.
  server.on('error', () => client.resetAndDestroy())
  server.on('close', () => client.destroy())
  client.on('error', () => server.destroy())
  client.on('close', () => server.destroy())
}

function listen(port: number, path: string): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
    carry(client, path),
  )
  const begin = () => server.listen(port, '127.0.0.1')
  server.on('error', () => setTimeout(begin, listenAgainMs))
  begin()
}

listen(7700, `${sockets}/server.sock`)
listen(3128, `${sockets}/egress.sock`)
