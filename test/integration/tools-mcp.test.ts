import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTimeOf } from '../../src/adapters/process/processes.ts'
import { startToolOpen, toolPath } from './tools-run.ts'

const token = 'secret-of-this-launch'
const patience = { timeout: 110_000, interval: 10 }

type Answer = (body: string, response: ServerResponse) => void

const object: Answer = (body, response) =>
  response.end(`{"jsonrpc":"2.0","id":0,"result":${JSON.stringify(body.length)}}`)

/** The exit code of a curl that met no server. */
const couldNotConnect = '7'

describe('the carrier of the tools', () => {
  /** Holds a `curl` that writes every exit code of the real one into `log`. */
  let directory: string
  let log: string
  let server: Server
  let port = 0
  let answer: Answer
  let received: { readonly authorization: string; readonly body: string }[]
  let carrier: ChildProcess
  let printed: string

  const listen = async (): Promise<void> => {
    server = createServer((request, response) => void receive(request, response))
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
    received.push({ authorization: request.headers.authorization ?? '', body })
    answer(body, response)
  }
  const goAway = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const send = (message: string) => carrier.stdin?.write(`${message}\n`)
  const arrived = (count: number) =>
    vi.waitFor(() => expect(received).toHaveLength(count), patience)
  const printing = (text: string) => vi.waitFor(() => expect(printed).toBe(text), patience)

  const environment = () => ({
    PATH: `${directory}:${process.env['PATH'] ?? ''}`,
    ORCHESTRATOR_URL: `http://127.0.0.1:${port}`,
    ORCHESTRATOR_TOKEN: token,
  })
  const triedInVain = async (count: number): Promise<void> => {
    await vi.waitFor(() => expect(endsOfCurl().length).toBeGreaterThanOrEqual(count), patience)
    expect(new Set(endsOfCurl())).toEqual(new Set([couldNotConnect]))
  }
  const endsOfCurl = (): readonly string[] => readFileSync(log, 'utf8').split('\n').slice(0, -1)

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-'))
    log = join(directory, 'log')
    const script = `#!/bin/sh\nPATH=\${PATH#*:}\ncurl "$@"\ncode=$?\necho $code >>'${log}'\nexit $code\n`
    writeFileSync(join(directory, 'curl'), script, { mode: 0o755 })
  })

  afterAll(() => rmSync(directory, { recursive: true }))

  beforeEach(async () => {
    writeFileSync(log, '')
    answer = object
    received = []
    printed = ''
    await listen()
    carrier = startToolOpen('mcp', environment())
    carrier.stdout?.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  })

  afterEach(async () => {
    carrier.kill('SIGKILL')
    await goAway()
  })

  it('posts each message as it is, says who it is, and prints the answer on one line', async () => {
    const message = String.raw`{"id":1,"params":"a \"quoted\" line\n, a back\\slash, 100 %s and  spaces "}`
    send(message)
    await printing(`{"jsonrpc":"2.0","id":0,"result":${message.length}}\n`)
    expect(received).toEqual([{ authorization: `Bearer ${token}`, body: message }])
  })

  it('prints each message of an event stream once, and nothing for an answer without any', async () => {
    answer = (_, response) =>
      response
        .setHeader('content-type', 'text/event-stream')
        .end('event: message\ndata: {"id":1}\n\ndata: {"id":2}\n\n')
    send('{"id":1}')
    await printing('{"id":1}\n{"id":2}\n')
    answer = (_, response) => response.writeHead(202).end()
    send('{"method":"notifications/initialized"}')
    await arrived(2)
    answer = object
    send('{}')
    await printing('{"id":1}\n{"id":2}\n{"jsonrpc":"2.0","id":0,"result":2}\n')
  })

  it('asks behind the list of the tools whether it has come, and carries the answer as any message', async () => {
    answer = (_, response) => response.end('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}')
    send('{"method":"tools/list","jsonrpc":"2.0","id":1}')
    const asked = '{"jsonrpc":"2.0","id":"tools-listed","method":"ping"}'
    await printing(`{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}\n${asked}\n`)
    answer = (_, response) => response.writeHead(202).end()
    send('{"result":{},"jsonrpc":"2.0","id":"tools-listed"}')
    await arrived(2)
    expect(received[1]?.body).toBe('{"result":{},"jsonrpc":"2.0","id":"tools-listed"}')
  })

  it.each<[string, string, string]>([
    [
      'that was refused',
      '{"method":"tools/list","jsonrpc":"2.0","id":1}',
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}',
    ],
    [
      'of which a call only speaks',
      String.raw`{"params":{"summary":"\"method\":\"tools/list\""},"id":1}`,
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ],
  ])('asks for no list %s', async (_, message, answered) => {
    answer = (_, response) => response.end(answered)
    send(message)
    send('{}')
    await arrived(2)
    await printing(`${answered}\n${answered}\n`)
  })

  it('carries a message of a megabyte', async () => {
    const message = `{"padding":"${'x'.repeat(1_000_000)}"}`
    send(message)
    await vi.waitFor(() => expect(printed).toContain(`"result":${message.length}`), {
      timeout: 15_000,
      interval: 20,
    })
  })

  it('lets a call wait for a server that is away, and those behind it', async () => {
    await goAway()
    send('{"id":1}')
    send('{"id":22}')
    await triedInVain(3)
    expect(printed).toBe('')
    await listen()
    await printing('{"jsonrpc":"2.0","id":0,"result":8}\n{"jsonrpc":"2.0","id":0,"result":9}\n')
    expect(received.map(({ body }) => body)).toEqual(['{"id":1}', '{"id":22}'])
  })

  it.each<[string, Answer]>([
    ['dies over it', (_, response) => response.destroy()],
    [
      'breaks off its answer',
      (_, response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
    ],
    ['is another server', (_, response) => response.writeHead(404).end('not found')],
    [
      'is called too often',
      (_, response) => response.writeHead(429).end('{"error":"too much at once"}'),
    ],
    ['is about to end', (_, response) => response.writeHead(503).end('{"error":"draining"}')],
  ])('makes a call again when the server %s', async (_, fail) => {
    answer = fail
    send('{"id":1}')
    await arrived(1)
    answer = object
    await printing('{"jsonrpc":"2.0","id":0,"result":8}\n')
    expect(new Set(received.map(({ body }) => body))).toEqual(new Set(['{"id":1}']))
  })

  it('prints an error of the protocol, whatever its status', async () => {
    answer = (_, response) =>
      response.writeHead(400).end('{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}')
    send('{"id":1}')
    await printing('{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}\n')
    expect(carrier.exitCode).toBeNull()
  })

  it('says so when a call was too much for the server, and goes on', async () => {
    answer = (_, response) => response.writeHead(413).end('{"statusCode":413}')
    send('{"method":"tools/call","params":{"id":5},"jsonrpc":"2.0","id":17}')
    await printing(
      '{"jsonrpc":"2.0","id":17,"error":{"code":-32600,"message":"refused with status 413"}}\n',
    )
    expect(carrier.exitCode).toBeNull()
  })

  it('ends when its launch is over', async () => {
    answer = (_, response) => response.writeHead(409).end('{"statusCode":409}')
    send('{"id":1}')
    await vi.waitFor(() => expect(carrier.exitCode).toBe(1), patience)
    expect(printed).toBe('')
  })

  it('ends with Claude Code', async () => {
    carrier.stdin?.end()
    await vi.waitFor(() => expect(carrier.exitCode).toBe(0), patience)
  })

  it('does not outlive Claude Code while it waits for a server', async () => {
    await goAway()
    const script = '"$0" <&3 & echo $!; wait'
    const parent: ChildProcess = spawn('sh', ['-c', script, toolPath('mcp')], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    let printed = ''
    parent.stdout?.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
    await vi.waitFor(() => expect(printed).toMatch(/^\d+\n$/), patience)
    const pid = Number(printed)
    await new Promise((resolve) => (parent.stdio[3] as Writable).write('{"id":1}\n', resolve))
    await triedInVain(2)
    expect(await startTimeOf(pid)).not.toBeNull()
    parent.kill('SIGKILL')
    await vi.waitFor(async () => expect(await startTimeOf(pid)).toBeNull(), patience)
    await listen()
  })
})
