import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startHttp, startRaw, startUpstream } from './egress-hosts.ts'
import { Uncaught } from '../support/uncaught.ts'
import {
  allowing,
  ask,
  connectRaw,
  exchange,
  openTunnel,
  startEgress,
  until,
} from './egress-stage.ts'

describe('the upstream proxy', () => {
  it('is asked with its credentials, also for a name that this machine does not know', async () => {
    const host = await startRaw((socket) => socket.end('through the proxy'))
    const { url, asked } = await startUpstream(host.port)
    const stage = await startEgress(allowing('raw.example:9000'), { upstreamProxy: { url } })
    const { socket, status } = await openTunnel(stage, 'raw.example:9000')
    expect(status).toBe(200)
    expect(await text(socket)).toBe('through the proxy')
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
    expect(asked).toMatchObject([
      { authority: 'raw.example:9000', headers: { 'proxy-authorization': basic } },
    ])
  })

  it('carries plain requests', async () => {
    const port = await startHttp((_request, response) => response.end('plain'))
    const { url, asked } = await startUpstream(port)
    const stage = await startEgress(allowing('example.com'), { upstreamProxy: { url } })
    expect(await ask(stage, 'http://example.com/')).toMatchObject({ status: 200, body: 'plain' })
    expect(asked).toMatchObject([{ authority: 'example.com:80' }])
  })

  it('may answer with an upgrade and reset the connection', async () => {
    using uncaught = new Uncaught()
    const reset = Promise.withResolvers<unknown>()
    const { port } = await startRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.once('data', (request: Buffer) => {
          if (request.includes('/slow')) return
          const upgrade = 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
          // A reset at once would overtake it.
          socket.write(upgrade, () => setTimeout(() => void socket.resetAndDestroy(), 20))
          socket.once('close', reset.resolve)
        })
      })
    })
    const upstreamProxy = { url: new URL(`http://127.0.0.1:${port}`) }
    const stage = await startEgress(allowing('example.com'), { upstreamProxy })
    const socket = await connectRaw(stage)
    // The answer to the second request waits for that to the first.
    const get = (path: string) =>
      `GET http://example.com${path} HTTP/1.1\r\nHost: example.com\r\n\r\n`
    socket.write(get('/slow') + get('/'))
    await reset.promise
    // The proxy notices it before what comes now.
    await exchange(stage, 'x\r\n\r\n')
    socket.destroy()
    await until(stage.tunnels, 1)
    expect(uncaught.errors).toEqual([])
  })

  it('is not asked for what the policy refuses, nor for a private address', async () => {
    const host = await startRaw((socket) => socket.end('direct'))
    const { url, asked } = await startUpstream(host.port)
    const stage = await startEgress(allowing('example.com', 'db.example:9000 in 10.0.0.7'), {
      upstreamProxy: { url },
    })
    stage.names.set('db.example', [['10.0.0.7']]).set('example.com', [['10.0.0.8']])
    stage.hosts.set('10.0.0.7:9000', host.port)
    expect((await openTunnel(stage, 'evil.example:443')).status).toBe(403)
    expect((await openTunnel(stage, 'example.com:443')).status).toBe(403)
    const { socket } = await openTunnel(stage, 'db.example:9000')
    expect(await text(socket)).toBe('direct')
    expect(asked).toEqual([])
  })

  it('that refuses is reported as the reason, without its password', async () => {
    const { url } = await startUpstream(1, { status: 407 })
    const stage = await startEgress(allowing('raw.example:9000'), { upstreamProxy: { url } })
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(502)
    expect(stage.tunnels).toMatchObject([
      {
        end: 'unreachable',
        cause: expect.stringMatching(
          /^the upstream proxy http:\/\/127\.0\.0\.1:\d+ answers 407 for raw\.example:9000: it refuses the user name and password/,
        ),
      },
    ])
  })
})
