import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly launch: number
  readonly sequence: number
  readonly isReplay: boolean
  readonly authorization: string
  readonly body: { readonly n: number }
}

type Answer = (event: Received, response: ServerResponse) => void

export const agree: Answer = (event, response) =>
  response.end(JSON.stringify({ answerTo: event.body.n }))
export const hang: Answer = () => {
  // Neither an answer nor an end.
}

/** Stands in for the orchestrator's server: receives hooks and answers as configured. */
export class Receiver {
  answer: Answer = agree
  received: Received[] = []
  port = 0
  #server: Server | null = null

  /** Takes a free port the first time and the same one ever after. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#receive(request, response))
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.closeAllConnections()
    await new Promise<void>((resolve) =>
      server === null ? resolve() : server.close(() => resolve()),
    )
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // It gives carriers nothing to run.
    if (request.url === '/tool-runs/next') return void response.writeHead(404).end()
    const event = await read(request)
    this.received.push(event)
    this.answer(event, response)
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return {
    path: request.url ?? '',
    launch: Number(request.headers['x-launch']),
    sequence: Number(request.headers['x-sequence']),
    isReplay: request.headers['x-replay'] === '1',
    authorization: request.headers.authorization ?? '',
    body: JSON.parse(Buffer.concat(chunks).toString()) as { n: number },
  }
}
