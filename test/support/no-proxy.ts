import { createServer } from 'node:http'

/** A proxy that refuses every host. */
export function noProxy() {
  const server = createServer((_, answer) => answer.writeHead(403).end())
  server.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
  return { server, [Symbol.dispose]: () => void server.close() }
}
