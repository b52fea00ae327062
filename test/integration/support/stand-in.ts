import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'

export interface ModelRequest {
  /** What identifies the caller: the API key, or the bearer. */
  readonly credential: string
  readonly model: string
  readonly tools: readonly string[]
  readonly body: string
}

export interface HookPost {
  readonly event: string
  readonly authorization: string
  readonly launch: string
  readonly body: unknown
}

/**
 * The model's API and the server's hook address in one: answers every prompt with a word and
 * remembers who asked.
 */
export async function startStandIn(host: string) {
  const requests: ModelRequest[] = []
  const hooks: HookPost[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const path = request.url ?? ''
      if (path.startsWith('/hooks/')) {
        const { authorization = '', 'x-launch': launch } = request.headers
        hooks.push({
          event: path.slice('/hooks/'.length),
          authorization,
          launch: String(launch),
          body: JSON.parse(body),
        })
        response.setHeader('content-type', 'application/json').end('{}')
      } else if (path.startsWith('/v1/messages?') && request.method === 'POST') {
        const { model, tools } = requestShape.parse(JSON.parse(body))
        const { authorization = '', 'x-api-key': key } = request.headers
        const credential = typeof key === 'string' ? key : authorization.replace('Bearer ', '')
        requests.push({ credential, model, tools: tools.map(({ name }) => name), body })
        answer(response)
      } else {
        response.writeHead(404).end('{}')
      }
    })
  })
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, host, resolve),
  )
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port')
  return {
    url: `http://${host}:${address.port}`,
    requests,
    hooks,
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>

const requestShape = z.object({
  model: z.string(),
  tools: z.array(z.object({ name: z.string() })).default([]),
})

/** A whole streamed message: the word `ok`. */
function answer(response: ServerResponse): void {
  const usage = { input_tokens: 1, output_tokens: 1 }
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  }
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]
  response.setHeader('content-type', 'text/event-stream')
  response.end(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  )
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return text
}
