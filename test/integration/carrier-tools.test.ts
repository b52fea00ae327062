import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CarrierStage, token } from './carrier-stage.ts'

const patience = { timeout: 60_000, interval: 10 }

interface Received {
  readonly authorization: string
  readonly message: { readonly id?: unknown; readonly method?: string; readonly result?: unknown }
}

type Answer = (response: ServerResponse, received: Received) => void

const listed = { tools: [{ name: 'report' }] }
const object: Answer = (response, { message: { id, method } }) =>
  response.end(
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: method === 'tools/list' ? listed : { called: id },
    }),
  )

describe('the tools behind the carrier', () => {
  let server: Server
  let port = 0
  let answer: Answer
  let received: Received[]
  let stage: CarrierStage

  const listen = async (): Promise<void> => {
    server = createServer((request, response) => void receive(request, response))
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/tool-runs/next') return void response.writeHead(404).end()
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
    const message = JSON.parse(body) as Received['message']
    const one = { authorization: request.headers.authorization ?? '', message }
    received.push(one)
    answer(response, one)
  }
  const goAway = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  beforeEach(async () => {
    port = 0
    answer = object
    received = []
    await listen()
    stage = await CarrierStage.open(port)
    // It asks by itself, before Claude Code does.
    await vi.waitUntil(() => received.length === 1, patience)
  })

  afterEach(async () => {
    await stage.close()
    await goAway()
  })

  const calls = () => received.filter(({ message }) => message.method === 'tools/call')

  /** Posts a message as Claude Code does; resolves with the messages of the answer. */
  const send = async (message: object, signal?: AbortSignal): Promise<readonly unknown[]> => {
    const response = await fetch(`http://127.0.0.1:${stage.port}/mcp`, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    if (response.headers.get('content-type') === 'application/json')
      return [JSON.parse(text) as unknown]
    return text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as unknown)
  }
  const call = (id: number, signal?: AbortSignal) => send({ id, method: 'tools/call' }, signal)

  it('are listed without asking the server again, with a ping that is answered when the list has come', async () => {
    await goAway()
    const introduction = { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } }
    expect(await send(introduction)).toMatchObject([
      { id: 0, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} } } },
    ])
    expect(await send({ method: 'notifications/initialized' })).toEqual([])
    expect(await send({ id: 1, method: 'tools/list' })).toEqual([
      { jsonrpc: '2.0', id: 1, result: listed },
      { jsonrpc: '2.0', id: 'tools-listed', method: 'ping' },
    ])
    expect(received).toHaveLength(1)
    await listen()
    expect(await send({ id: 'tools-listed', result: {} })).toEqual([])
    await vi.waitFor(() => expect(received).toHaveLength(2), patience)
    expect(received[1]?.message).toMatchObject({ id: 'tools-listed', result: {} })
  })

  it('are asked for again when the server answers nothing at all', async () => {
    await stage.kill()
    answer = (response) => response.end()
    received = []
    await stage.start(port)
    await vi.waitUntil(() => received.length > 0, patience)
    answer = object
    expect(await send({ id: 1, method: 'tools/list' })).toMatchObject([
      { id: 1, result: listed },
      { method: 'ping' },
    ])
  })

  it('are listed when a server that is away comes back', async () => {
    await goAway()
    await stage.kill()
    await stage.start(port)
    const asking = send({ id: 1, method: 'tools/list' })
    await listen()
    expect(await asking).toMatchObject([{ id: 1, result: listed }, { method: 'ping' }])
  })

  it('are called as they are, with the token that the agent does not send', async () => {
    const params = {
      name: 'report',
      arguments: { summary: 'a "quoted" line\n, 100 %s and  spaces' },
    }
    expect(await send({ id: 5, method: 'tools/call', params })).toEqual([
      { jsonrpc: '2.0', id: 5, result: { called: 5 } },
    ])
    expect(calls()).toEqual([
      {
        authorization: `Bearer ${token}`,
        message: { jsonrpc: '2.0', id: 5, method: 'tools/call', params },
      },
    ])
  })

  it('may answer with an event stream', async () => {
    answer = (response) =>
      response
        .setHeader('content-type', 'text/event-stream')
        .end('event: message\ndata: {"jsonrpc":"2.0","id":5,"result":{}}\n\n')
    expect(await call(5)).toEqual([{ jsonrpc: '2.0', id: 5, result: {} }])
  })

  it('keep a call waiting while the server is away, and those behind it', async () => {
    await goAway()
    const answers = [call(1), call(2)]
    await expect(Promise.race([...answers, pause(1_500)])).resolves.toBe('pause')
    await listen()
    expect(await Promise.all(answers)).toMatchObject([[{ id: 1 }], [{ id: 2 }]])
    expect(calls().map(({ message }) => message.id)).toEqual([1, 2])
  })

  it.each<[string, Answer]>([
    ['dies over it', (response) => response.destroy()],
    [
      'breaks off its answer',
      (response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
    ],
    ['is another server', (response) => response.writeHead(404).end('not found')],
    ['is called too often', (response) => response.writeHead(429).end('{"error":"too much"}')],
    ['is about to end', (response) => response.writeHead(503).end('{"error":"draining"}')],
  ])('are called again when the server %s', async (_, fail) => {
    answer = fail
    const asking = call(1)
    await vi.waitFor(() => expect(calls().length).toBeGreaterThanOrEqual(1), patience)
    answer = object
    expect(await asking).toMatchObject([{ id: 1, result: { called: 1 } }])
  })

  it('answer an error of the protocol, whatever its status', async () => {
    const error = { code: -32_600, message: 'no' }
    answer = (response) =>
      response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }))
    expect(await call(1)).toEqual([{ jsonrpc: '2.0', id: 1, error }])
  })

  it('say so when a call was too much for the server', async () => {
    answer = (response) => response.writeHead(413).end('{"statusCode":413}')
    expect(await call(17)).toEqual([
      { jsonrpc: '2.0', id: 17, error: { code: -32_600, message: 'refused with status 413' } },
    ])
  })

  it('answer nothing when the launch is over, and go on', async () => {
    answer = (response) => response.writeHead(409).end('{"statusCode":409}')
    expect(await call(1)).toEqual([])
    answer = object
    expect(await call(2)).toMatchObject([{ id: 2 }])
  })

  it('are not called for an agent that is gone', async () => {
    await goAway()
    const client = new AbortController()
    const asking = call(1, client.signal).catch(() => 'gone')
    client.abort()
    expect(await asking).toBe('gone')
    await listen()
    expect(await call(2)).toMatchObject([{ id: 2 }])
    expect(calls().map(({ message }) => message.id)).toEqual([2])
  })

  it('refuse what they do not know, and what is no message', async () => {
    expect(await send({ id: 3, method: 'server/discover' })).toMatchObject([
      { id: 3, error: { code: -32_601 } },
    ])
    expect(await stage.post('/mcp', 'no message')).toMatchObject({ error: { code: -32_700 } })
    expect((await fetch(`http://127.0.0.1:${stage.port}/mcp`)).status).toBe(405)
  })
})

const pause = (milliseconds: number) =>
  new Promise<string>((resolve) => setTimeout(() => resolve('pause'), milliseconds))
