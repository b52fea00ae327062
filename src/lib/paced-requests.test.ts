import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Uncaught } from '../../test/support/uncaught.ts'
import { paceRequests } from './paced-requests.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function start(handler: Handler) {
  const server = createServer(handler)
  paceRequests(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  return {
    server,
    port,
    open(): Socket {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => undefined)
      sockets.push(socket)
      return socket
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const head = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

/** Resolves when the condition holds; the test's own time limit ends the wait. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('requests that are read in slices', () => {
  it('are no tunnels where the server has none: the connection is closed', async () => {
    using uncaught = new Uncaught()
    await using stage = await start((_asked, response) => response.end())
    const kept = stage.open()
    kept.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    await once(kept, 'close')
    for (let time = 0; time < 20; time += 1) {
      const socket = stage.open()
      await once(socket, 'connect')
      socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
      socket.resetAndDestroy()
    }
    await text(stage.open().end(head('/', 'Connection: close\r\n')))
    expect(uncaught.errors).toEqual([])
  })

  it('are answered in their order, also when many come at once', async () => {
    await using stage = await start((asked, response) => response.end(`${asked.url}\n`))
    const socket = stage.open()
    const count = 3_000
    socket.write(Array.from({ length: count }, (_, n) => head(`/${n}`)).join(''))
    socket.write(head('/last', 'Connection: close\r\n'))
    const answers = await text(socket)
    const paths = [...answers.matchAll(/^\/(\d+|last)$/gm)].map(([, path]) => path)
    expect(paths).toEqual([...Array.from({ length: count }, (_, n) => String(n)), 'last'])
  })

  it.each([false, true])('keep their bodies whole (chunked: %s)', async (isChunked) => {
    const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex')
    await using stage = await start(async (asked, response) => {
      const parts: Buffer[] = []
      for await (const part of asked) parts.push(part as Buffer)
      response.end(hash(Buffer.concat(parts)))
    })
    for (const size of [0, 1, 1_023, 1_024, 1_025, 70_000, 5_000_000]) {
      const body = randomBytes(size)
      const answered = await new Promise<string>((resolve, reject) => {
        const headers = isChunked ? {} : { 'content-length': String(size) }
        const sent = request({ port: stage.port, method: 'POST', headers }, (response) =>
          resolve(text(response)),
        )
        sent.on('error', reject)
        if (isChunked) sent.write(body.subarray(0, size >> 1))
        sent.end(isChunked ? body.subarray(size >> 1) : body)
      })
      expect(answered).toBe(hash(body))
    }
  })

  it('wait while others of their connection have no answer', async () => {
    const open: ServerResponse[] = []
    let most = 0
    await using stage = await start((_, response) => {
      open.push(response)
      most = Math.max(most, open.length)
    })
    const socket = stage.open()
    socket.resume().write(head('/').repeat(5_000))
    let answered = 0
    while (answered < 5_000) {
      await until(() => open.length > 0)
      answered += open.length
      for (const response of open.splice(0)) response.end()
    }
    // 16 and the rest of a slice.
    expect(most).toBeLessThanOrEqual(16 + 29)
  })

  it('let other work run between them', async () => {
    let [inTurn, most, answered] = [0, 0, 0]
    await using stage = await start((_, response) => {
      inTurn += 1
      most = Math.max(most, inTurn)
      const end = performance.now() + 1
      while (performance.now() < end);
      answered += 1
      response.end()
    })
    const turn = (): void => {
      inTurn = 0
      if (answered < 1_600) setImmediate(turn)
    }
    setImmediate(turn)
    for (let n = 0; n < 16; n += 1) stage.open().resume().write(head('/').repeat(100))
    await until(() => answered === 1_600)
    expect(most).toBeLessThanOrEqual(2 * 29)
  })

  it('end with their client, and their client with them', async () => {
    let closed = 0
    await using stage = await start((asked, response) => {
      response.on('close', () => (closed += 1))
      if (asked.url === '/cut') response.destroy()
    })
    const leaving = stage.open()
    leaving.write(head('/stays'))
    await new Promise((resolve) => stage.server.once('request', resolve))
    leaving.destroy()
    await until(() => closed === 1)
    const cut = stage.open()
    cut.resume().write(head('/cut'))
    await new Promise((resolve) => cut.once('close', resolve))
    await until(() => closed === 2)
  })

  it.each([false, true])(
    'are answered early, and not read to their end (chunked: %s)',
    async (isChunked) => {
      await using stage = await start((_, response) => response.writeHead(429).end('no'))
      const accepted = once(stage.server, 'connection')
      const socket = stage.open()
      const [atServer] = (await accepted) as [Socket]
      const bytes = 64 * 1_024 * 1_024
      const form = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`
      socket.write(head('/', `${form}\r\n`))
      if (isChunked) socket.write(`${bytes.toString(16)}\r\n`)
      socket.write(Buffer.alloc(bytes))
      expect(await text(socket)).toContain('429')
      await until(() => atServer.destroyed)
      // The limit, and what was read before the answer.
      expect(atServer.bytesRead).toBeLessThan(1_024 * 1_024)
    },
  )

  it('say that their connection ends, so that a client sends nothing more through it', async () => {
    await using stage = await start((asked, response) => {
      if (asked.url === '/small') asked.resume().on('end', () => response.end('fine'))
      else response.writeHead(429).end('no')
    })
    const post = async (path: string, bytes: number): Promise<string> => {
      const url = `http://127.0.0.1:${stage.port}${path}`
      const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(bytes) })
      return `${answer.status} ${await answer.text()} ${answer.headers.get('connection')}`
    }
    for (let round = 0; round < 30; round += 1) {
      expect(await post('/large', 500_000)).toBe('429 no close')
      expect(await post('/small', 500_000)).toBe('200 fine keep-alive')
    }
  })

  it('leave their connection to the next one when little of them is left', async () => {
    await using stage = await start((asked, response) => response.end(`${asked.url}\n`))
    const socket = stage.open()
    const body = Buffer.alloc(200_000)
    socket.write(head('/first', `Content-Length: ${body.length}\r\n`))
    await once(socket, 'data')
    socket.write(body)
    socket.write(head('/next', 'Connection: close\r\n'))
    expect(await text(socket)).toContain('/next')
  })

  it('leave all of it to a tunnel, also behind a body that was not wanted', async () => {
    await using stage = await start((_, response) => response.end('early'))
    stage.server.on('connect', (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(socket)
    })
    const socket = stage.open()
    socket.write(head('/', 'Content-Length: 3000\r\n'))
    await once(socket, 'data')
    socket.write(Buffer.alloc(3_000))
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    await once(socket, 'data')
    const sent = randomBytes(1_000_000)
    socket.end(sent)
    const came = await buffer(socket)
    expect(came.subarray(-sent.length).equals(sent)).toBe(true)
  })

  it('leave a tunnel to those who opened it', async () => {
    await using stage = await start(() => undefined)
    stage.server.on('connect', (_, socket, first: Buffer) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      if (first.length > 0) socket.unshift(first)
      socket.pipe(socket)
    })
    const socket = stage.open()
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const sent = randomBytes(300_000)
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.end(sent)
    await new Promise((resolve) => socket.once('end', resolve))
    expect(Buffer.concat(parts).equals(sent)).toBe(true)
  })
})
