import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from './body.ts'
import { answerTo, errorTo, type Message, readMessage } from './message.ts'
import { introduction, LaunchIsOver, type ToolServer } from './tool-server.ts'

/** Bytes of one message; the server refuses a smaller one already. */
const largestMessage = 8 * 1024 * 1024
/** Milliseconds between two signs of life to a client that waits; it gives up after minutes. */
const signOfLifeMs = 15_000

export const toolPath = '/mcp'

/**
 * Speaks MCP over HTTP with Claude Code. What says nothing about the launch is answered here, and
 * calls by the server.
 */
export class ToolRoute {
  readonly #server: ToolServer

  constructor(server: ToolServer) {
    this.#server = server
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // There is no stream of the server's own messages.
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const message = readMessage((await readBody(request, largestMessage)).toString())
    if (message === null) return sendJson(response, 400, errorTo({}, -32_700, 'this is no message'))
    switch (message.method) {
      case 'initialize':
        return sendJson(response, 200, introduction(message))
      case 'ping':
        return sendJson(response, 200, answerTo(message, {}))
      case 'tools/list':
        return await this.#list(message, response)
      case 'tools/call':
      case undefined:
        return await this.#call(message, response)
      default:
        if (message.id === undefined) return void response.writeHead(202).end()
        return sendJson(response, 200, errorTo(message, -32_601, `${message.method} is unknown`))
    }
  }

  /**
   * Claude Code handles messages in order: when it answers the ping behind the list, it knows the
   * list. The server waits for that answer before it sends a prompt.
   */
  async #list(message: Message, response: ServerResponse): Promise<void> {
    using stream = openStream(response)
    stream.send(answerTo(message, await this.#server.list()))
    stream.send({ jsonrpc: '2.0', id: 'tools-listed', method: 'ping' })
  }

  async #call(message: Message, response: ServerResponse): Promise<void> {
    // An answer of Claude Code to a message of ours: it waits for nothing.
    if (message.method === undefined) response.writeHead(202).end()
    const gone = new AbortController()
    using stream = message.method === undefined ? null : openStream(response, gone)
    try {
      for (const answer of await this.#server.send(message, gone.signal)) stream?.send(answer)
    } catch (error) {
      if (!(error instanceof LaunchIsOver) && !gone.signal.aborted) throw error
    }
  }
}

/** An event stream; `gone` is aborted when its reader leaves before its end. */
function openStream(response: ServerResponse, gone?: AbortController) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.flushHeaders()
  response.on('close', () => gone?.abort())
  const signs = setInterval(() => response.write(': waiting\n\n'), signOfLifeMs)
  return {
    send: (message: unknown) =>
      void response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`),
    [Symbol.dispose]() {
      clearInterval(signs)
      response.end()
    },
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}
