import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startHttp, startRaw } from './egress-hosts.ts'
import {
  publicAddress,
  allowing,
  ask,
  connectRaw,
  type EgressStage,
  exchange,
  openTunnel,
  place,
  startEgress,
  until,
  ended,
} from './egress-stage.ts'

/** A stage whose host `raw.example:9000` is open for any protocol. */
async function startOpen(
  onConnection?: Parameters<typeof startRaw>[0],
  options?: Parameters<typeof startEgress>[1],
): Promise<{ stage: EgressStage; received: () => Buffer }> {
  const host = await startRaw(onConnection)
  const stage = await startEgress(allowing('example.com', 'raw.example:9000'), options)
  place(stage, 'raw.example', 9_000, host.port)
  return { stage, received: host.received }
}

describe('an instance', () => {
  it('has a bounded number of tunnels; one more waits for its turn', async () => {
    const { stage } = await startOpen(undefined, { limits: { open: 3, halfOpenMs: 20 } })
    const tunnels = []
    for (let number = 0; number < 3; number += 1)
      tunnels.push(await openTunnel(stage, 'raw.example:9000'))
    const fourth = openTunnel(stage, 'raw.example:9000')
    await new Promise(setImmediate)
    expect(stage.connected).toHaveLength(3)
    tunnels[0]?.socket.destroy()
    expect((await fourth).status).toBe(200)
  })

  it('is refused the 33rd tunnel when none of the 32 ends', async () => {
    const { stage } = await startOpen(undefined, { limits: { turnMs: 50 } })
    for (let number = 0; number < 32; number += 1) {
      expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(200)
    }
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(503)
    expect(stage.refusals).toMatchObject([{ reason: 'too-many' }])
    expect(stage.connected).toHaveLength(32)
  })

  it('does not wait at the pace of another instance', async () => {
    const pace = { burst: 1, perSecond: 0.001 }
    const { stage } = await startOpen(undefined, { limits: { pace, turnMs: 20 } })
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(200)
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(503)
  })

  it('has a bounded number of refusals in the journal', async () => {
    const refusalPace = { burst: 2, perSecond: 0.001 }
    const stage = await startEgress(allowing('example.com'), { limits: { refusalPace } })
    for (let number = 0; number < 5; number += 1)
      expect((await openTunnel(stage, 'evil.example:443')).status).toBe(403)
    expect(stage.refusals).toHaveLength(2)
  })

  it('that sends much to one host is reported once', async () => {
    const { stage } = await startOpen((host) => host.on('end', () => host.end()), {
      limits: { uploadBytes: 100_000 },
    })
    for (let number = 0; number < 3; number += 1) {
      const { socket } = await openTunnel(stage, 'raw.example:9000')
      socket.end(Buffer.alloc(60_000))
      await until(stage.tunnels, number + 1)
    }
    await until(stage.uploads, 1)
    expect(stage.uploads).toMatchObject([{ instance: 'worker-1', host: 'raw.example' }])
  })
})

describe('a slow client', () => {
  it('that begins a tunnel and sends no handshake is closed', async () => {
    const host = await startRaw()
    const stage = await startEgress(allowing('example.com'), { limits: { headMs: 50 } })
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    await ended(socket)
    expect(stage.refusals).toMatchObject([{ reason: 'too-slow' }])
    expect(host.received()).toHaveLength(0)
  })

  it('that sends a handshake byte by byte gets no more time', async () => {
    const host = await startRaw()
    const stage = await startEgress(allowing('example.com'), { limits: { headMs: 100 } })
    place(stage, 'example.com', 443, host.port)
    const { socket } = await openTunnel(stage, 'example.com:443')
    const drip = setInterval(() => socket.write(Buffer.from([22])), 10)
    socket.write(Buffer.from('1603010400', 'hex'))
    await ended(socket)
    clearInterval(drip)
    expect(host.received()).toHaveLength(0)
  })

  it('that never ends the head of its request is closed', async () => {
    const stage = await startEgress(allowing('example.com'), { limits: { headMs: 100 } })
    const answer = await exchange(stage, 'CONNECT example.com:443 HTTP/1.1\r\nX: ')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('and a silent host lose their tunnel after a while', async () => {
    const { stage } = await startOpen(undefined, { limits: { idleMs: 50 } })
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'idle' }])
  })
})

describe('a connection', () => {
  it('may be ended in one direction and go on in the other', async () => {
    const { stage, received } = await startOpen((host) => {
      host.once('end', () => setTimeout(() => host.end('after the end'), 20))
    })
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    socket.end('all that the client has')
    expect(await text(socket)).toBe('after the end')
    expect(received().toString()).toBe('all that the client has')
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ sentBytes: 23, receivedBytes: 13, end: 'closed' }])
  })

  it('may be ended by the host first', async () => {
    const { stage, received } = await startOpen((host) => host.end('hello'))
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    expect(await text(socket)).toBe('hello')
    socket.end('answer')
    await until(stage.tunnels, 1)
    expect(received().toString()).toBe('answer')
  })

  it('that the host resets is closed for the client', async () => {
    const { stage } = await startOpen((host) => host.once('data', () => host.resetAndDestroy()))
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    socket.write('x')
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'broken' }])
  })

  it('of a fast client to a slow host keeps little in memory', async () => {
    const { stage } = await startOpen((host) => host.pause())
    const serverSide: { readableLength: number }[] = []
    stage.listener.server.on('connection', (socket) => serverSide.push(socket))
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    const chunk = Buffer.alloc(1_048_576)
    for (let number = 0; number < 64; number += 1) socket.write(chunk)
    let before = -1
    // Until nothing moves any more: the kernel's buffers are full.
    while (before !== socket.bytesWritten - socket.writableLength) {
      before = socket.bytesWritten - socket.writableLength
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const kept =
      (stage.connected[0]?.socket.writableLength ?? 0) + (serverSide[0]?.readableLength ?? 0)
    expect(kept).toBeLessThan(1_048_576)
    expect(socket.writableLength).toBeGreaterThan(32 * 1_048_576)
  })

  it('of a fast client to a slow plain host keeps little in memory', async () => {
    const port = await startHttp((request) => request.pause())
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 80, port)
    const socket = await connectRaw(stage)
    const bytes = 64 * 1_048_576
    const headers = `Host: example.com\r\nContent-Length: ${bytes}\r\n`
    socket.write(`PUT http://example.com/ HTTP/1.1\r\n${headers}\r\n`)
    for (let number = 0; number < 64; number += 1) socket.write(Buffer.alloc(1_048_576))
    await until(stage.connected, 1)
    let before = -1
    while (before !== socket.writableLength) {
      before = socket.writableLength
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(stage.connected[0]?.socket.writableLength ?? 0).toBeLessThan(1_048_576)
    expect(socket.writableLength).toBeGreaterThan(32 * 1_048_576)
  })
})

describe('the policy', () => {
  it('counts at once when it changes, also for what is open', async () => {
    const { stage } = await startOpen()
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    stage.policy = allowing()
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(403)
    stage.proxy.policyChanged()
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'stopped' }])
    stage.policy = allowing('raw.example:9000')
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(200)
  })

  it('counts as it is when the connection is open, not as it was before', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { promise: looked, resolve: look } = Promise.withResolvers<void>()
    const resolve = () => (look(), gate.then(() => [publicAddress]))
    const { stage } = await startOpen(undefined, { resolve })
    const asking = openTunnel(stage, 'raw.example:9000')
    await looked
    stage.policy = allowing()
    stage.proxy.policyChanged()
    open()
    expect((await asking).status).toBe(403)
  })

  it('ends with its listener: every tunnel of the launch is closed', async () => {
    const { stage } = await startOpen()
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    stage.listener[Symbol.dispose]()
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'stopped' }])
    await expect(ask(stage, 'http://example.com/')).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  })

  it.each(['GET http://example.com/ HTTP/1.1', 'CONNECT example.com:443 HTTP/1.1'])(
    'ends with an error of ours its own connection alone, and reports it: %s',
    async (line) => {
      const errorPace = { burst: 2, perSecond: 0.001 }
      const stage = await startEgress(allowing('example.com'), { limits: { errorPace } })
      const { policy } = stage
      stage.policy = {
        get allow(): never {
          throw new TypeError('an error of ours')
        },
        mode: 'sealed',
      }
      for (let number = 0; number < 4; number += 1) {
        const socket = await connectRaw(stage)
        socket.write(`${line}\r\nHost: example.com\r\n\r\n`)
        await ended(socket)
      }
      const error = expect.objectContaining({ message: 'an error of ours' })
      const reported = { instance: 'worker-1', error, unreported: 0 }
      expect(stage.errors).toEqual([reported, reported])
      stage.policy = policy
      expect(await ask(stage, 'http://other.example/')).toMatchObject({ status: 403 })
    },
  )
})
