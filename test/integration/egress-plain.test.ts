import type { IncomingMessage, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startHttp } from './egress-hosts.ts'
import {
  allowing,
  ask,
  connectRaw,
  exchange,
  type EgressStage,
  openTunnel,
  place,
  proxied,
  startEgress,
  until,
  ended,
} from './egress-stage.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly host: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A stage with the plain host example.com, which keeps what it is asked. */
async function startPlain(
  policy = allowing('example.com'),
  answer: RequestListener = (_request, response) => response.end('from the host'),
): Promise<{ stage: EgressStage; seen: Seen[] }> {
  const seen: Seen[] = []
  const port = await startHttp((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request
      seen.push({ method, url, host: headers.host, headers, body })
      answer(request, response)
    })
  })
  const stage = await startEgress(policy)
  place(stage, 'example.com', 80, port)
  return { stage, seen }
}

describe('a plain request', () => {
  it('reaches a host of the list without what it says to its proxy', async () => {
    const { stage, seen } = await startPlain()
    const answer = await ask(stage, 'http://example.com/a/b?c=d', {
      method: 'POST',
      headers: {
        host: 'example.com',
        'proxy-authorization': 'Basic canary',
        'proxy-connection': 'keep-alive',
        connection: 'close, x-private',
        'x-private': 'canary',
        'x-kept': 'yes',
      },
      body: Buffer.from('a body'),
    })
    expect(answer).toMatchObject({ status: 200, body: 'from the host' })
    expect(seen).toMatchObject([
      { method: 'POST', url: '/a/b?c=d', host: 'example.com', body: 'a body' },
    ])
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('canary')
    expect(seen[0]?.headers).toMatchObject({ 'x-kept': 'yes' })
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([
      { kind: 'plain', host: 'example.com', port: 80, receivedBytes: 13 },
    ])
  })

  it('is counted with its head, which carries data out as well', async () => {
    const { stage } = await startPlain()
    const path = `/${'p'.repeat(5_000)}`
    const headers = { host: 'example.com', 'x-data': 'h'.repeat(3_000) }
    const body = Buffer.alloc(700)
    await ask(stage, `http://example.com${path}`, { method: 'POST', headers, body })
    await until(stage.tunnels, 1)
    expect(stage.tunnels[0]?.sentBytes).toBeGreaterThan(8_700)
    expect(stage.tunnels[0]?.sentBytes).toBeLessThan(9_000)
  })

  it.each([
    ['http://evil.example/', 'not-listed', 403],
    ['http://example.com.evil.example/', 'not-listed', 403],
    ['http://example.com:8080/', 'port', 403],
    ['http://example.com:22/', 'port', 403],
    ['http://user:password@example.com/', 'userinfo', 403],
    ['http://example.com@evil.example/', 'userinfo', 403],
    ['http://example.com\\@evil.example/', 'request', 400],
    ['http://169.254.169.254/latest/meta-data/', 'address', 403],
    ['http://0xa9fea9fe/', 'address', 403],
    ['http://2852039166/', 'address', 403],
    ['http://0251.0376.0251.0376/', 'address', 403],
    ['http://[::ffff:169.254.169.254]/', 'address', 403],
    ['http://localhost/', 'not-listed', 403],
    ['http://example.com%2eevil.example/', 'name', 403],
    ['http:///evil.example/', 'name', 403],
    ['https://example.com/', 'scheme', 400],
    ['ftp://example.com/', 'scheme', 400],
    ['file:///etc/passwd', 'scheme', 400],
    ['/evil.example/', 'request', 400],
    ['*', 'request', 400],
  ])('for %s is refused', async (url, reason, status) => {
    const { stage, seen } = await startPlain()
    const method = url === '*' ? 'OPTIONS' : 'GET'
    const host = /^\w+:\/\/([^/]*)/.exec(url)?.[1] ?? 'example.com'
    const bytes = `${method} ${url} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    expect(await exchange(stage, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(stage.refusals).toMatchObject([{ reason }])
    expect(seen).toEqual([])
    expect(stage.lookups).toEqual([])
  })

  it.each([
    ['another Host header', 'Host: evil.example\r\n', 'host-header'],
    ['another port in the Host header', 'Host: example.com:8080\r\n', 'host-header'],
    ['two Host headers', 'Host: example.com\r\nHost: evil.example\r\n', 'host-header'],
    ['two lengths', 'Host: example.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n', 'request'],
    [
      'a length and an encoding',
      'Host: example.com\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n',
      'request',
    ],
    ['two encodings', 'Host: example.com\r\nTransfer-Encoding: gzip, chunked\r\n', 'request'],
    ['an unknown encoding', 'Host: example.com\r\nTransfer-Encoding: xchunked\r\n', 'request'],
    ['a folded header', 'Host: example.com\r\nX: a\r\n Host: evil.example\r\n', 'request'],
    ['a bare line feed', 'Host: example.com\nX: a\r\n', 'request'],
    ['a space before a colon', 'Host: example.com\r\nContent-Length : 4\r\n', 'request'],
    ['a NUL in a header', 'Host: example.com\r\nX: a\0b\r\n', 'request'],
  ])('with %s is refused', async (_, headers, reason) => {
    const { stage, seen } = await startPlain()
    const bytes = `POST http://example.com/ HTTP/1.1\r\n${headers}\r\n0\r\n\r\n`
    expect(await exchange(stage, bytes)).toMatch(/^HTTP\/1\.1 400 /)
    expect(stage.refusals[0]).toMatchObject({ reason })
    expect(seen).toEqual([])
  })

  it('is judged for itself, however many share the connection', async () => {
    const { stage, seen } = await startPlain()
    const socket = await connectRaw(stage)
    const one = (host: string) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    socket.write(`${one('example.com')}${one('evil.example')}${one('example.com')}`)
    const answers = await text(socket)
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403'])
    expect(stage.refusals).toMatchObject([{ target: { host: 'evil.example' } }])
    expect(seen.every(({ host }) => host === 'example.com')).toBe(true)
  })

  it('brings no request to the host beside the one that was judged', async () => {
    const { stage, seen } = await startPlain()
    const smuggled = 'GET /secret HTTP/1.1\r\nHost: evil.example\r\n\r\n'
    const head = `POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n`
    await exchange(
      stage,
      `${head}Content-Length: ${smuggled.length}\r\nConnection: close\r\n\r\n${smuggled}`,
    )
    expect(seen).toMatchObject([{ url: '/', body: smuggled }])
  })

  it('learns of a redirect to metadata, and is refused there', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/'
    const { stage } = await startPlain(proxied(), (_request, response) =>
      response.writeHead(302, { location }).end(),
    )
    const answer = await ask(stage, 'http://example.com/')
    expect(answer.headers.location).toBe(location)
    expect(await ask(stage, location)).toMatchObject({ status: 403 })
    expect(stage.connected).toHaveLength(1)
  })

  it('gets an answer whose headers cannot make a second one', async () => {
    const { stage } = await startPlain(allowing('example.com'), ({ socket }) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nabcde')
    })
    expect(await ask(stage, 'http://example.com/')).toMatchObject({ status: 502 })
  })
})

describe('a tunnel to port 80', () => {
  it('carries requests for its host, as clients send them that tunnel everything', async () => {
    const { stage, seen } = await startPlain()
    const { socket, status } = await openTunnel(stage, 'example.com:80')
    expect(status).toBe(200)
    socket.write('GET /a HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).toContain('from the host')
    expect(seen).toMatchObject([{ url: '/a', host: 'example.com' }])
    await until(stage.tunnels, 1)
  })

  it.each([
    ['another host', 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 'host-header'],
    [
      'an absolute form',
      'GET http://evil.example/ HTTP/1.1\r\nHost: example.com\r\n\r\n',
      'request',
    ],
  ])('refuses %s within', async (_, bytes, reason) => {
    const { stage, seen } = await startPlain()
    const { socket } = await openTunnel(stage, 'example.com:80')
    socket.write(bytes)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
    expect(stage.refusals).toMatchObject([{ reason }])
    expect(seen).toEqual([])
  })

  it.each([
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9.9\r\n')],
    [
      'a second tunnel',
      Buffer.from('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n'),
    ],
  ])('ends at %s within', async (_, bytes) => {
    const { stage, seen } = await startPlain()
    const { socket } = await openTunnel(stage, 'example.com:80')
    socket.write(bytes)
    await ended(socket)
    expect(seen).toEqual([])
    expect(stage.connected).toEqual([])
  })
})
