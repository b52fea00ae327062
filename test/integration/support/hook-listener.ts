import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { type HookEvent, readHook, type Unreadable } from '../../../src/claude/observe/hooks.ts'

/**
 * The server's hook address, for tests that have no server: reports every hook as it arrives, with
 * an empty answer.
 */
export async function startHookListener(listen: (fact: HookEvent | Unreadable) => void) {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const event = (request.url ?? '').replace(/^\/hooks\//, '')
      response.setHeader('content-type', 'application/json').end('{}')
      listen(readHook(event, JSON.parse(body), Date.now()))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the hook listener has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
