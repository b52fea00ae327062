import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  ask,
  askSlowly,
  type GatewayStage,
  messageEnd,
  messageStart,
  streamHeaders,
  useGateways,
  words,
} from './gateway-stage.ts'

const { open } = useGateways()

const patience = { timeout: 110_000, interval: 5 }

/** An answer that the test writes bit by bit. */
async function openHeld(): Promise<[GatewayStage, Promise<ServerResponse>]> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  const [gateway] = await open((_request, response) => {
    response.writeHead(200, streamHeaders).write(messageStart)
    resolve(response)
  })
  return [gateway, promise]
}

describe('a streamed answer', () => {
  it('reaches the instance while it is being written, and is counted at its end', async () => {
    const [gateway, held] = await openHeld()
    const body = (await ask(gateway)).body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await body?.read())?.value).toBe(messageStart)
    const upstream = await held
    upstream.write(words('one'))
    expect((await body?.read())?.value).toBe(words('one'))
    expect(gateway.used).toEqual([])
    upstream.end(messageEnd)
    expect((await body?.read())?.value).toBe(messageEnd)
    await vi.waitFor(
      () =>
        expect(gateway.used).toMatchObject([
          { credential: 'a', usage: { inputTokens: 10, outputTokens: 7 } },
        ]),
      patience,
    )
  })

  it('shows its headers before its first word', async () => {
    const [gateway] = await open((_request, response) =>
      response.writeHead(200, streamHeaders).flushHeaders(),
    )
    expect((await askSlowly(gateway)).statusCode).toBe(200)
  })

  it('is broken off at the provider when the instance goes away, and what was used is counted', async () => {
    const [gateway, held] = await openHeld()
    const response = await askSlowly(gateway)
    await once(response, 'data')
    response.destroy()
    await once(await held, 'close')
    await vi.waitFor(
      () => expect(gateway.used).toMatchObject([{ usage: { outputTokens: 1 } }]),
      patience,
    )
  })

  it('is broken off at the provider when the instance goes away before it began', async () => {
    const { promise, resolve } = Promise.withResolvers<ServerResponse>()
    const [gateway] = await open((_request, response) => resolve(response))
    const leaving = new AbortController()
    const asked = ask(gateway, { signal: leaving.signal })
    const response = await promise
    const closed = once(response, 'close')
    leaving.abort()
    await expect(asked).rejects.toThrow('aborted')
    await closed
    expect(gateway.refused).toEqual([])
  })

  it('breaks off at the instance when the provider does', async () => {
    const [gateway, held] = await openHeld()
    const response = await ask(gateway)
    ;(await held).destroy()
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('waits at the provider while the instance does not read, without filling the memory', async () => {
    const total = 400 * 1024 * 1024
    const piece = Buffer.from(words('x'.repeat(64 * 1024)))
    let written = 0
    const [gateway] = await open((_request, response) => {
      response.writeHead(200, streamHeaders)
      const write = (): void => {
        while (written < total) {
          written += piece.length
          if (!response.write(piece)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const response = await askSlowly(gateway)
    response.pause()
    const before = process.memoryUsage()
    let last = -1
    await vi.waitFor(
      () => {
        const isStill = written === last
        last = written
        expect(isStill).toBe(true)
      },
      { timeout: 110_000, interval: 300 },
    )
    const held = written
    const after = process.memoryUsage()
    response.destroy()
    // What lies between the two ends: sockets' buffers of the kernel and the streams' own.
    expect(held).toBeLessThan(32 * 1024 * 1024)
    expect(
      after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed,
    ).toBeLessThan(32 * 1024 * 1024)
  })
})

describe('fifty streams at once', () => {
  it('arrive whole, each its own, and later ones use the same connections', async () => {
    let serial = 0
    const [gateway, upstream] = await open((_request, response) => {
      const mine = (serial += 1)
      response.writeHead(200, streamHeaders).write(messageStart)
      const write = async (): Promise<void> => {
        for (let piece = 0; piece < 50; piece += 1) {
          response.write(words(`${mine}/${piece} `.repeat(20)))
          await setImmediate()
        }
        response.end(messageEnd)
      }
      void write()
    })
    const round = () =>
      Promise.all(Array.from({ length: 50 }, async () => (await ask(gateway)).text()))
    for (const texts of [await round(), await round()]) {
      const whose = texts.map(
        (text) => new Set([...text.matchAll(/(\d+)\/\d+ /g)].map(([, mine]) => mine)),
      )
      expect(whose.every((numbers) => numbers.size === 1)).toBe(true)
      expect(new Set(whose.flatMap((numbers) => [...numbers])).size).toBe(50)
      expect(texts.every((text) => text.endsWith(messageEnd) && text.includes('/49 '))).toBe(true)
    }
    expect(gateway.used).toHaveLength(100)
    expect(upstream.sockets.size).toBe(50)
  })
})
