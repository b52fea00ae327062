import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { Tunnel } from './tunnel.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Both ends of an open connection. */
async function connection(): Promise<readonly [near: Socket, far: Socket]> {
  const server = net.createServer().listen(0, '127.0.0.1')
  ends.push(() => server.close())
  await once(server, 'listening')
  const near = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ]
  ends.push(() => [near, far].forEach((socket) => socket.destroy()))
  return [near, far]
}

describe('a tunnel', () => {
  it('sends what was written before it was open', async () => {
    const [near, far] = await connection()
    const opening = Promise.withResolvers<Socket>()
    const tunnel = new Tunnel(() => opening.promise)
    tunnel.write('first ')
    tunnel.end('second')
    opening.resolve(near)
    expect((await buffer(far)).toString()).toBe('first second')
  })

  it('keeps what was received until it is read, although its connection is closed', async () => {
    const [near, far] = await connection()
    const tunnel = new Tunnel(() => Promise.resolve(near))
    tunnel.once('readable', () => undefined)
    far.end('received')
    await once(near, 'close')
    expect((await buffer(tunnel)).toString()).toBe('received')
  })

  it('ends the attempt to open it when it is destroyed, and closes what opens too late', async () => {
    const [near] = await connection()
    const opening = Promise.withResolvers<Socket>()
    const signals: AbortSignal[] = []
    const tunnel = new Tunnel((signal) => {
      signals.push(signal)
      return opening.promise
    })
    tunnel.destroy()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    opening.resolve(near)
    await once(near, 'close')
  })

  it('fails when its connection fails', async () => {
    const tunnel = new Tunnel(() => Promise.reject(new Error('no way')))
    const [error] = (await once(tunnel, 'close').catch((failure: unknown) => [failure])) as [Error]
    expect(error.message).toBe('no way')
  })
})
