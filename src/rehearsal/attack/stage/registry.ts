import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands in for a registry of npm that would accept every publication. */
export interface FakeRegistry extends AsyncDisposable {
  readonly url: string
  /** What reached it: the method and the URL, and `with a token` if there was one. */
  readonly asked: readonly string[]
}

export async function startRegistry(): Promise<FakeRegistry> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    const extra = [authorization === undefined ? '' : 'with a token', hasBody(request)]
    asked.push([request.method, request.url, ...extra].filter(Boolean).join(' '))
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"ok":true,"success":true,"username":"attacker","versions":{}}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const hasBody = ({ headers }: IncomingMessage): string =>
  Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined
    ? 'with a body'
    : ''
