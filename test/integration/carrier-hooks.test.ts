import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CarrierStage, token } from './carrier-stage.ts'
import { isRising } from './tools-hook-stage.ts'
import { agree, hang, Receiver } from './tools-receiver.ts'

const patience = { timeout: 60_000, interval: 10 }

describe('a hook that is posted to the carrier', () => {
  let server: Receiver
  let stage: CarrierStage

  beforeEach(async () => {
    server = new Receiver()
    await server.start()
    stage = await CarrierStage.open(server.port)
  })

  afterEach(async () => {
    await stage.close()
    await server.stop()
  })

  const received = () => hooksOf(server).map((event) => [event.body.n, event.isReplay])
  const everythingIsDelivered = () =>
    vi.waitFor(() => expect(stage.undelivered()).toEqual([]), patience)

  it('reaches the server as it is, says who it is, and gets the answer', async () => {
    expect(await stage.hook(7)).toEqual({ answerTo: 7 })
    expect(hooksOf(server)).toMatchObject([
      {
        path: '/hooks/Stop',
        launch: 1,
        isReplay: false,
        authorization: `Bearer ${token}`,
        body: { n: 7 },
      },
    ])
    expect(stage.undelivered()).toEqual([])
  })

  it('may have megabytes', async () => {
    expect(await stage.hook(1, { padding: 'x'.repeat(2_000_000) })).toEqual({ answerTo: 1 })
    expect(received()).toEqual([[1, false]])
  })

  it('waits in the outbox while the server is away, and arrives by itself in order', async () => {
    await server.stop()
    expect(await Promise.all([1, 2, 3].map((n) => stage.hook(n)))).toEqual([{}, {}, {}])
    expect(stage.undelivered()).toHaveLength(3)

    await server.start()
    await everythingIsDelivered()
    expect(new Set(received().map(String))).toEqual(new Set(['1,true', '2,true', '3,true']))
    expect(isRising(hooksOf(server).map((event) => event.sequence))).toBe(true)
    expect(await stage.hook(4)).toEqual({ answerTo: 4 })
  })

  it('gets its answer when the server comes back in time', async () => {
    await server.stop()
    const answer = stage.hook(1)
    await vi.waitFor(() => expect(stage.undelivered()).toHaveLength(1), patience)
    await server.start()
    expect([{ answerTo: 1 }, {}]).toContainEqual(await answer)
    await everythingIsDelivered()
  })

  it('is answered without the server when that hangs, each of several', async () => {
    server.answer = hang
    expect(await Promise.all([1, 2, 3, 4].map((n) => stage.hook(n)))).toEqual([{}, {}, {}, {}])
    expect(stage.undelivered()).toHaveLength(4)
  })

  it('keeps its place among parallel ones, and each gets its own answer', async () => {
    const numbers = Array.from({ length: 25 }, (_, n) => n)
    const answers = await Promise.all(numbers.map((n) => stage.hook(n)))
    await everythingIsDelivered()
    const own = numbers.map((n, at) => (isEmpty(answers[at]) ? {} : { answerTo: n }))
    expect(answers).toEqual(own)
    expect(new Set(hooksOf(server).map(({ body }) => body.n))).toEqual(new Set(numbers))
    const once = hooksOf(server).filter(({ isReplay }) => !isReplay)
    expect(isRising(once.map(({ sequence }) => sequence))).toBe(true)
  })

  it('is gone with its refusal, and those behind it go on', async () => {
    server.answer = (event, response) => {
      response.statusCode = event.body.n === 1 ? 409 : 200
      response.end('{"fine":true}')
    }
    expect(await stage.hook(1)).toEqual({})
    expect(await stage.hook(2)).toEqual({ fine: true })
    expect(stage.undelivered()).toEqual([])
  })

  it.each([429, 503])('is posted again after %i, and none overtakes it', async (status) => {
    let refusals = 0
    server.answer = (event, response) => {
      const isRefused = event.body.n === 2 && refusals++ === 0
      response.statusCode = isRefused ? status : 200
      response.end('{}')
    }
    await Promise.all([1, 2, 3].map((n) => stage.hook(n)))
    await everythingIsDelivered()
    const order = hooksOf(server).map(({ sequence }) => sequence)
    expect(order).toHaveLength(4)
    expect(order.every((number, at) => at === 0 || number >= (order[at - 1] ?? 0))).toBe(true)
  })

  it('is posted again as one whose hook has ended, when its client goes away', async () => {
    server.answer = hang
    const client = new AbortController()
    const asking = fetch(`http://127.0.0.1:${stage.port}/hooks/Stop`, {
      method: 'POST',
      body: '{"n":1}',
      signal: client.signal,
    }).catch(() => null)
    await vi.waitFor(() => expect(received()).toEqual([[1, false]]), patience)
    server.answer = agree
    client.abort()
    await asking
    await everythingIsDelivered()
    expect(received()).toEqual([
      [1, false],
      [1, true],
    ])
  })

  it('survives the carrier, in order and with its number', async () => {
    await server.stop()
    await Promise.all([stage.hook(1), stage.hook(2)])
    await stage.kill()
    await server.start()
    await stage.start(server.port)
    await everythingIsDelivered()
    expect(new Set(received().map(String))).toEqual(new Set(['1,true', '2,true']))
    expect(await stage.hook(3)).toEqual({ answerTo: 3 })
    expect(isRising(hooksOf(server).map(({ sequence }) => sequence))).toBe(true)
  })

  it('is removed by a newer launch, whose server would refuse it', async () => {
    await server.stop()
    await stage.hook(1)
    await stage.kill()
    await server.start()
    await stage.start(server.port, 2)
    expect(await stage.hook(2)).toEqual({ answerTo: 2 })
    expect(hooksOf(server).map((event) => [event.body.n, event.launch])).toEqual([[2, 2]])
  })

  it('gets a higher number also when the outbox was deleted', async () => {
    await stage.hook(1)
    rmSync(stage.outbox, { recursive: true })
    await stage.hook(2)
    await stage.kill()
    rmSync(stage.outbox, { recursive: true })
    await stage.start(server.port)
    await stage.hook(3)
    expect(isRising(hooksOf(server).map(({ sequence }) => sequence))).toBe(true)
  })

  it('is lost when the outbox is full, which is noted; the oldest ones are kept', async () => {
    await server.stop()
    await stage.kill()
    for (let n = 0; n < 1_000; n++)
      writeFileSync(
        join(stage.outbox, `${1_000_000_000_000 + n}.1.999999999.Stop.json`),
        JSON.stringify({ n }),
      )
    await stage.start(server.port)
    expect(await stage.hook(1_000)).toEqual({})
    expect(stage.undelivered()).toHaveLength(1_000)
    expect(readFileSync(join(stage.outbox, 'lost'), 'utf8')).toMatch(
      /^1 events lost, the last one Stop of launch 1: the outbox is full/,
    )
    await server.start()
    await everythingIsDelivered()
    expect(received()).toEqual(Array.from({ length: 1_000 }, (_, n) => [n, true]))
  })

  it('is answered when it can be stored nowhere', async () => {
    rmSync(stage.outbox, { recursive: true })
    writeFileSync(stage.outbox, '')
    expect(await stage.hook(1)).toEqual({})
    rmSync(stage.outbox)
    mkdirSync(stage.outbox)
    expect(await stage.hook(2)).toEqual({ answerTo: 2 })
  })
})

/** Not its question for the list of the tools. */
const hooksOf = ({ received }: Receiver) =>
  received.filter(({ path }) => path.startsWith('/hooks/'))

const isEmpty = (answer: unknown): boolean => JSON.stringify(answer) === '{}'
