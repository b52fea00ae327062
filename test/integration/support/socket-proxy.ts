import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** A path to the engine that a test cuts off; every cut ends the connections that are open. */
export async function openSocketProxy(path: string, target = '/var/run/docker.sock') {
  const sockets = new Set<Socket>()
  const held = new Set<Socket>()
  let state: 'forwards' | 'holds' | 'refuses' = 'forwards'
  let refused = 0

  const forward = (client: Socket): void => {
    const engine = connect(target)
    sockets.add(engine.on('error', () => undefined))
    client.pipe(engine).pipe(client)
  }
  const endConnections = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const server: Server = createServer((client) => {
    sockets.add(client.on('error', () => undefined))
    if (state === 'forwards') return forward(client)
    if (state === 'holds') return void held.add(client)
    refused += 1
    client.destroy()
  })
  await new Promise<void>((resolve) => void server.listen(path, resolve))

  return {
    path,
    /** Connections that were refused so far. */
    get refused() {
      return refused
    },
    /** From now on new connections are refused. */
    cut(): void {
      state = 'refuses'
      endConnections()
    },
    /** From now on new connections get no answer until `mend`. */
    hold(): void {
      state = 'holds'
      endConnections()
    },
    mend(): void {
      state = 'forwards'
      for (const client of held) forward(client)
      held.clear()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      endConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
