import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HookStage, isRising, token } from './tools-hook-stage.ts'
import { agree } from './tools-receiver.ts'
import { runTool } from './tools-run.ts'

describe('the hook client', () => {
  let stage: HookStage
  beforeEach(async () => {
    stage = await HookStage.open()
  })
  afterEach(() => stage.close())

  it('posts the event as it is, says who it is, and prints the answer', async () => {
    const run = await stage.hook(7)

    expect(run).toMatchObject({ code: 0, stdout: '{"answerTo":7}', stderr: '' })
    expect(stage.server.received).toMatchObject([
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

  it('carries an event of megabytes', async () => {
    const run = await runTool(
      'hook',
      ['Stop'],
      stage.environment(),
      JSON.stringify({ n: 1, padding: 'x'.repeat(2_000_000) }),
    )

    expect(run.stdout).toBe('{"answerTo":1}')
    // Sent once, in the hook itself: an event that took too long would be kept and replayed.
    expect(stage.server.received).toMatchObject([{ isReplay: false }])
    expect(stage.undelivered()).toEqual([])
  })

  it('keeps events while the server is away and replays them in order', async () => {
    await stage.server.stop()
    for (const n of [1, 2, 3]) expect(await stage.hook(n)).toMatchObject({ code: 0, stdout: '' })
    expect(stage.undelivered()).toHaveLength(3)

    await stage.server.start()
    const run = await stage.hook(4)

    expect(run.stdout).toBe('{"answerTo":4}')
    expect(stage.server.received.map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ])
    expect(isRising(stage.server.received.map((event) => event.sequence))).toBe(true)
    expect(stage.undelivered()).toEqual([])
  })

  it('drains what is left as replays, without an answer, and says of which launch it is', async () => {
    await stage.server.stop()
    await stage.hook(1, 2)
    await stage.hook(2, 2)
    await stage.server.start()

    expect(await stage.drain()).toMatchObject({ code: 0, stdout: '' })
    expect(
      stage.server.received.map((event) => [event.body.n, event.launch, event.isReplay]),
    ).toEqual([
      [1, 2, true],
      [2, 2, true],
    ])
  })

  it('removes what an older launch left, which the server would refuse', async () => {
    await stage.server.stop()
    await stage.hook(1, 1)
    await stage.hook(2, 2)
    await stage.server.start()

    expect(await stage.hook(3, 2)).toMatchObject({ code: 0 })
    expect(stage.server.received.map((event) => event.body.n)).toEqual([2, 3])
    expect(stage.undelivered()).toEqual([])
  })

  it('delivers each event once when two drains run at the same time', async () => {
    await stage.server.stop()
    for (const n of [1, 2, 3]) await stage.hook(n)
    await stage.server.start()

    await Promise.all([stage.drain(), stage.drain()])
    expect(stage.server.received.map((event) => event.body.n)).toEqual([1, 2, 3])
  })

  it('drops what the server refuses and goes on', async () => {
    await stage.server.stop()
    for (const n of [1, 2]) await stage.hook(n)
    stage.server.answer = (event, response) => {
      response.statusCode = event.body.n === 1 ? 409 : 200
      response.end('{"fine":true}')
    }
    await stage.server.start()

    expect((await stage.hook(3)).stdout).toBe('{"fine":true}')
    expect(stage.server.received.map((event) => event.body.n)).toEqual([1, 2, 3])
    expect(stage.undelivered()).toEqual([])
  })

  it('prints nothing of a refusal', async () => {
    stage.server.answer = (_event, response) => {
      response.statusCode = 409
      response.end('{"reason":"an older launch"}')
    }
    expect(await stage.hook(1)).toMatchObject({ code: 0, stdout: '' })
    expect(stage.undelivered()).toEqual([])
  })

  it('stops at the first event that the server could not take, so that none overtakes it', async () => {
    await stage.server.stop()
    for (const n of [1, 2, 3]) await stage.hook(n)
    stage.server.answer = (event, response) => {
      response.statusCode = event.body.n === 2 ? 503 : 200
      response.end('{}')
    }
    await stage.server.start()

    expect(await stage.hook(4)).toMatchObject({ code: 0, stdout: '' })
    expect(stage.server.received.map((event) => event.body.n)).toEqual([1, 2])
    expect(stage.undelivered()).toHaveLength(3)
  })

  it('keeps what was too much at once, and the next hook sends it', async () => {
    stage.server.answer = (_event, response) => {
      response.statusCode = 429
      response.end('{}')
    }
    expect(await stage.hook(1)).toMatchObject({ code: 0, stdout: '' })
    expect(stage.undelivered()).toHaveLength(1)

    stage.server.answer = agree
    expect(await stage.hook(2)).toMatchObject({ stdout: '{"answerTo":2}' })
    expect(stage.server.received.map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ])
  })

  it('drains a backlog no faster than the server takes it, in order and to the end', async () => {
    await stage.server.stop()
    for (const n of [1, 2, 3, 4]) await stage.hook(n)
    let refusals = 0
    stage.server.answer = (event, response) => {
      const isTooMuch = event.body.n === 3 && refusals++ === 0
      response.statusCode = isTooMuch ? 429 : 200
      response.end('{}')
    }
    await stage.server.start()

    await stage.drain()
    expect(stage.server.received.map((event) => event.body.n)).toEqual([1, 2, 3, 3, 4])
    expect(stage.undelivered()).toEqual([])
  })
})
