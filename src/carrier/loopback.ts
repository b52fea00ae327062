import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { hookPath, type HookRoute } from './hook-route.ts'
import { toolPath, type ToolRoute } from './tool-route.ts'

/** Where Claude Code sends its hooks and its calls of tools. */
export function createLoopback(hooks: HookRoute, tools: ToolRoute): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ''] = (request.url ?? '').split('?')
    const event = hookPath.exec(path)?.[1]
    if (event !== undefined) await hooks.answer(event, request, response)
    else if (path === toolPath) await tools.answer(request, response)
    else response.writeHead(404).end()
  }
  const server = createServer((request, response) => {
    // Its client has gone, or sends what is no request.
    answer(request, response).catch(() => response.destroy())
  })
  // A call waits as long as the server is away.
  server.requestTimeout = 0
  return server
}
