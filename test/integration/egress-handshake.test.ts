import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { clientHello, inRecords } from '../support/client-hello.ts'
import { startRaw, startTls } from './egress-hosts.ts'
import {
  allowing,
  handshake,
  openTunnel,
  place,
  proxied,
  startEgress,
  ended,
} from './egress-stage.ts'

const hello = (name: string | null): Buffer =>
  inRecords(clientHello({ names: name === null ? null : [name] }))

describe('the TLS handshake', () => {
  it.each([
    ['of another host', hello('evil.example'), 'server-name'],
    ['of a part of the host', hello('ample.com'), 'server-name'],
    ['with a dot at the end of the name', hello('example.com.'), 'server-name'],
    ['with a NUL in the name', hello('example.com\0.evil.example'), 'server-name'],
    ['without a name', hello(null), 'server-name'],
    [
      'with two names',
      inRecords(clientHello({ names: ['example.com', 'evil.example'] })),
      'not-tls',
    ],
    ['in plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 'not-tls'],
    ['in SSH', Buffer.from('SSH-2.0-OpenSSH_9.9\r\n'), 'not-tls'],
    [
      'that hides its name',
      inRecords(
        clientHello({
          names: ['example.com'],
          extensions: [{ type: 0xfe0d, data: Buffer.alloc(9) }],
        }),
      ),
      'encrypted-name',
    ],
  ])('%s ends before a byte reaches the host', async (_, bytes, reason) => {
    const host = await startRaw()
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    socket.write(bytes)
    await ended(socket)
    expect(host.received()).toHaveLength(0)
    expect(stage.refusals).toMatchObject([{ reason, target: { host: 'example.com', port: 443 } }])
    expect(stage.tunnels).toEqual([])
  })

  it('with another name fails for a real client, which learns why', async () => {
    const host = await startTls((_request, response) => response.end())
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    await expect(handshake(socket, { servername: 'evil.example' })).rejects.toThrow(
      /unrecognized name/,
    )
    expect(host.serverNames).toEqual([])
  })

  it('may hide its name where every public host is open', async () => {
    const host = await startRaw()
    const stage = await startEgress(proxied())
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    const extensions = [{ type: 0xfe0d, data: Buffer.alloc(9) }]
    const bytes = inRecords(clientHello({ names: ['example.com'], extensions }))
    socket.write(bytes)
    while (host.received().length < bytes.length) await new Promise(setImmediate)
    expect(host.received()).toEqual(bytes)
  })

  it('passes byte by byte and in several records', async () => {
    const host = await startRaw()
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    const bytes = inRecords(clientHello({ names: ['example.com'] }), [1, 2, 3, 40])
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    while (host.received().length < bytes.length) await new Promise(setImmediate)
    expect(host.received()).toEqual(bytes)
  })

  it('may need a second hello of the client, with the same name', async () => {
    // The client offers a key for X25519 only, and the host wants P-384.
    const host = await startTls((_request, response) => response.end('after a retry'), {
      ecdhCurve: 'secp384r1',
    })
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    const secure = await handshake(socket, {
      servername: 'example.com',
      ecdhCurve: 'X25519:secp384r1',
      minVersion: 'TLSv1.3',
    })
    secure.end('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    expect(await text(secure)).toContain('after a retry')
  })

  it('with another name in the second hello ends before that reaches the host', async () => {
    const random = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
    const retry = Buffer.from(`160303002a020000260303${random}00130100`, 'hex')
    const host = await startRaw((socket) => socket.once('data', () => socket.write(retry)))
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    // Both hellos at once: the client knows what the host will answer.
    const changeCipherSpec = Buffer.from('140303000101', 'hex')
    socket.write(Buffer.concat([hello('example.com'), changeCipherSpec, hello('evil.example')]))
    await ended(socket)
    expect(host.received()).toEqual(hello('example.com'))
    expect(stage.refusals).toMatchObject([{ reason: 'server-name' }])
  })
})
