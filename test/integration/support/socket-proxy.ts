import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** A way to the engine that can be cut: every connection ends, and new ones are refused. */
export async function openSocketProxy(path: string, target = '/var/run/docker.sock') {
  const sockets = new Set<Socket>()
  let server: Server

  const mend = (): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((client) => {
        const engine = connect(target)
        for (const socket of [client, engine]) sockets.add(socket.on('error', () => undefined))
        client.pipe(engine).pipe(client)
      }).listen(path, resolve)
    })
  const cut = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    return new Promise((resolve) => void server.close(() => resolve()))
  }

  await mend()
  return { path, mend, cut, [Symbol.asyncDispose]: cut }
}
