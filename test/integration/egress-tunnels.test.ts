import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startRaw, startTls } from './egress-hosts.ts'
import {
  allowing,
  exchange,
  handshake,
  openTunnel,
  place,
  proxied,
  startEgress,
  until,
} from './egress-stage.ts'

describe('a tunnel', () => {
  it('carries TLS to a host of the list, and is recorded', async () => {
    const host = await startTls((_request, response) => response.end('from the host'))
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket, status } = await openTunnel(stage, 'example.com:443')
    expect(status).toBe(200)
    const secure = await handshake(socket, { servername: 'example.com' })
    secure.end('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    expect(await text(secure)).toContain('from the host')
    await until(stage.tunnels, 1)
    expect(stage.tunnels[0]).toMatchObject({
      instance: 'worker-1',
      host: 'example.com',
      port: 443,
      kind: 'tunnel',
      end: 'closed',
    })
    const { bytesRead = 0, bytesWritten = 0 } = stage.connected[0]?.socket ?? {}
    expect(stage.tunnels[0]).toMatchObject({ sentBytes: bytesWritten, receivedBytes: bytesRead })
    expect(stage.refusals).toEqual([])
  })

  it.each([
    ['evil.example:443', 'not-listed', 'evil.example'],
    ['example.com.evil.example:443', 'not-listed', 'example.com.evil.example'],
    ['example.com:22', 'port', 'example.com:22'],
    ['93.184.216.34:443', 'address', '93.184.216.34:443'],
    ['169.254.169.254:80', 'address', null],
    ['[::1]:443', 'address', '[::1]:443'],
    ['2130706433:443', 'address', null],
    ['example.com@evil.example:443', 'userinfo', null],
    ['localhost:443', 'not-listed', 'localhost:443'],
  ])('to %s is refused without looking up a name', async (authority, reason, remedy) => {
    const stage = await startEgress(allowing('example.com'))
    const { status } = await openTunnel(stage, authority)
    expect(status).toBe(403)
    expect(stage.refusals).toMatchObject([
      { instance: 'worker-1', asked: authority, reason, remedy },
    ])
    expect(stage.lookups).toEqual([])
    expect(stage.connected).toEqual([])
  })

  it.each([
    'CONNECT example.com%00:443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT example.com :443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT example.com\0:443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT example.com HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT http://example.com:443/ HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT /example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'CONNECT *.example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'SSH-2.0-OpenSSH_9.9\r\n',
    '\x05\x01\x00',
    '\x04\x01\x01\xbb\x5d\xb8\xd8\x22\0',
    '\x16\x03\x01\x00\x05hello',
  ])('%j reaches nothing', async (bytes) => {
    const stage = await startEgress(proxied('example.com', 'evil.example'))
    expect(await exchange(stage, Buffer.from(bytes, 'latin1'))).toMatch(/^HTTP\/1\.1 40[03] /)
    expect(stage.refusals).toHaveLength(1)
    expect(stage.lookups).toEqual([])
  })

  it('is refused with a sentence that gives the reason', async () => {
    const stage = await startEgress(allowing('example.com'))
    const answer = await exchange(stage, 'CONNECT example.com:22 HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect(answer).toContain('example.com:22 has a port that is not open; 443 and 80 are\n')
  })

  it('that cannot be connected is answered with 502 and recorded', async () => {
    const stage = await startEgress(allowing('example.com', 'nowhere.example'))
    stage.names.set('example.com', [['93.184.216.34']])
    expect((await openTunnel(stage, 'example.com:443')).status).toBe(502)
    expect((await openTunnel(stage, 'nowhere.example:443')).status).toBe(502)
    expect(stage.tunnels).toMatchObject([
      { end: 'unreachable', cause: 'nothing listens on 93.184.216.34:443' },
      { end: 'unreachable', cause: 'nowhere.example has no address' },
    ])
  })
})

describe('the resolver', () => {
  it('is asked once: an answer that changes has no effect', async () => {
    const host = await startRaw()
    const stage = await startEgress(proxied())
    stage.names.set('rebind.example', [['93.184.216.34'], ['127.0.0.1']])
    stage.hosts.set('93.184.216.34:443', host.port)
    const first = await openTunnel(stage, 'rebind.example:443')
    expect(first.status).toBe(200)
    expect(stage.lookups).toEqual(['rebind.example'])
    expect(stage.connected).toMatchObject([{ address: '93.184.216.34' }])
    const second = await openTunnel(stage, 'rebind.example:443')
    expect(second.status).toBe(403)
    const remedy = 'rebind.example:443 in 127.0.0.1'
    expect(stage.refusals).toMatchObject([{ reason: 'private', remedy }])
    expect(stage.connected).toHaveLength(1)
  })

  it.each([
    [['93.184.216.34', '10.0.0.1'], 'host.example:443 in 10.0.0.1'],
    [['127.0.0.1', '93.184.216.34'], 'host.example:443 in 127.0.0.1'],
    [['93.184.216.34', '::1'], 'host.example:443 in ::1'],
    [['169.254.169.254'], null],
    [['10.0.0.1', '169.254.169.254'], null],
    [['::ffff:10.0.0.1'], null],
    [['64:ff9b::a00:1'], null],
    [['93.184.216.34', '0.0.0.0'], null],
    [['fe80::1%lo'], null],
  ])('that answers %j reaches nothing', async (addresses, remedy) => {
    const stage = await startEgress(proxied('host.example'))
    stage.names.set('host.example', [addresses])
    expect((await openTunnel(stage, 'host.example:443')).status).toBe(403)
    const reason = remedy === null ? 'not-public' : 'private'
    expect(stage.refusals).toMatchObject([{ reason, remedy }])
    expect(stage.connected).toEqual([])
  })
})
