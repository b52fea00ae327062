import type { Server } from 'node:net'

/** Milliseconds; another process of the instance may hold the port for a while. */
const pauseMs = 500

/** Listens on a port of loopback, again and again while another process holds it. */
export function listenAgain(server: Server, port: number, onListening?: () => void): void {
  const begin = () => server.listen(port, '127.0.0.1')
  server.on('error', () => setTimeout(begin, pauseMs))
  if (onListening !== undefined) server.on('listening', onListening)
  begin()
}
