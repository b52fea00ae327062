import fastify from 'fastify'
import { once } from 'node:events'
import { createServer, type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { capConnections } from './access/connection-cap.ts'
import { listen, portOf } from './listen.ts'

const addresses = ['127.0.0.1', '127.0.0.2'] as const

describe('a surface at a name with two addresses', () => {
  let resources = new AsyncDisposableStack()
  afterEach(async () => {
    await resources.disposeAsync()
    resources = new AsyncDisposableStack()
  })

  async function open(cap?: Parameters<typeof capConnections>[1]) {
    const app = fastify({ forceCloseConnections: true })
    resources.defer(() => app.close())
    capConnections(app, cap)
    let begun = 0
    app.get('/', async () => 'answered')
    app.get('/never', () => {
      begun += 1
      return new Promise(() => undefined)
    })
    const url = await listen(app, 'localhost', 0, async () => addresses)
    const dial = async (host: string): Promise<Socket> => {
      const socket = connect({ host, port: portOf(url) })
      resources.defer(() => void socket.destroy())
      await once(socket, 'connect')
      return socket
    }
    return { app, url, dial, begun: () => begun }
  }

  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n`
  const last = `${get('/')}Connection: close\r\n\r\n`

  it('answers at both, until it is closed', async () => {
    const { app, url, dial } = await open()
    expect(url).toContain('//127.0.0.1:')
    for (const address of addresses) {
      const socket = await dial(address)
      socket.write(last)
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*answered/)
    }
    const kept = await dial('127.0.0.2')
    await app.close()
    await once(kept.resume(), 'close')
    await expect(dial('127.0.0.2')).rejects.toThrow('ECONNREFUSED')
  })

  it.each(addresses)('reads what comes to %s in slices', async (address) => {
    const { dial, begun } = await open()
    const many = await dial(address)
    many.write(`${get('/never')}\r\n`.repeat(1_000))
    while (begun() < 16) await new Promise(setImmediate)
    for (let n = 0; n < 10; n += 1) {
      const other = await dial(address)
      other.write(last)
      await text(other)
    }
    // A slice holds the heads of some requests beyond the sixteen.
    expect(begun()).toBeLessThan(100)
  })

  it('counts the connections to both against one cap', async () => {
    const { dial } = await open({ total: 1, perPeer: 1 })
    const first = await dial('127.0.0.2')
    const second = await dial('127.0.0.1')
    await once(second.resume(), 'close')
    expect(first.destroyed).toBe(false)
  })

  it('does not start beside another program at one of them', async () => {
    const other = createServer()
    resources.defer(() => void other.close())
    await once(other.listen(0, '127.0.0.2'), 'listening')
    const { port } = other.address() as AddressInfo
    const app = fastify()
    resources.defer(() => app.close())
    const starting = listen(app, 'localhost', port, async () => addresses)
    await expect(starting).rejects.toThrow(/stop what uses it/)
  })
})
