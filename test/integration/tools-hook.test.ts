import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agree, hang, Receiver } from './tools-receiver.ts'
import { runTool, startTool } from './tools-run.ts'

const token = 'secret-of-this-launch'
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

describe('the hook client', () => {
  let outbox: string
  let server: Receiver

  beforeEach(async () => {
    outbox = mkdtempSync(join(tmpdir(), 'outbox-'))
    server = new Receiver()
    await server.start()
  })

  afterEach(async () => {
    await server.stop()
    rmSync(outbox, { recursive: true, force: true })
  })

  const environment = (launch = 1) => ({
    ORCHESTRATOR_OUTBOX: outbox,
    ORCHESTRATOR_URL: `http://127.0.0.1:${server.port}`,
    ORCHESTRATOR_TOKEN: token,
    LAUNCH: String(launch),
  })
  const hook = (n: number, launch = 1) =>
    runTool('hook', ['Stop'], environment(launch), JSON.stringify({ n }))
  const drain = () => runTool('hook', ['--drain'], environment())
  const undelivered = () => readdirSync(outbox).filter((name) => name.endsWith('.json'))

  it('posts the event as it is, says who it is, and prints the answer', async () => {
    const run = await hook(7)

    expect(run).toMatchObject({ code: 0, stdout: '{"answerTo":7}', stderr: '' })
    expect(server.received).toMatchObject([
      {
        path: '/hooks/Stop',
        launch: 1,
        isReplay: false,
        authorization: `Bearer ${token}`,
        body: { n: 7 },
      },
    ])
    expect(undelivered()).toEqual([])
  })

  it('carries an event of megabytes', async () => {
    const run = await runTool(
      'hook',
      ['Stop'],
      environment(),
      JSON.stringify({ n: 1, padding: 'x'.repeat(2_000_000) }),
    )

    expect(run.stdout).toBe('{"answerTo":1}')
    // Sent once, in the hook itself: an event that took too long would be kept and replayed.
    expect(server.received).toMatchObject([{ isReplay: false }])
    expect(undelivered()).toEqual([])
  })

  it('keeps events while the server is away and replays them in order', async () => {
    await server.stop()
    for (const n of [1, 2, 3]) expect(await hook(n)).toMatchObject({ code: 0, stdout: '' })
    expect(undelivered()).toHaveLength(3)

    await server.start()
    const run = await hook(4)

    expect(run.stdout).toBe('{"answerTo":4}')
    expect(server.received.map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ])
    expect(isRising(server.received.map((event) => event.sequence))).toBe(true)
    expect(undelivered()).toEqual([])
  })

  it('drains what is left as replays, without an answer, and says of which launch it is', async () => {
    await server.stop()
    await hook(1, 1)
    await hook(2, 2)
    await server.start()

    expect(await drain()).toMatchObject({ code: 0, stdout: '' })
    expect(server.received.map((event) => [event.body.n, event.launch, event.isReplay])).toEqual([
      [1, 1, true],
      [2, 2, true],
    ])
  })

  it('delivers each event once when two drains run at the same time', async () => {
    await server.stop()
    for (const n of [1, 2, 3]) await hook(n)
    await server.start()

    await Promise.all([drain(), drain()])
    expect(server.received.map((event) => event.body.n)).toEqual([1, 2, 3])
  })

  it('drops what the server refuses and goes on', async () => {
    await server.stop()
    for (const n of [1, 2]) await hook(n)
    server.answer = (event, response) => {
      response.statusCode = event.body.n === 1 ? 409 : 200
      response.end('{"fine":true}')
    }
    await server.start()

    expect((await hook(3)).stdout).toBe('{"fine":true}')
    expect(server.received.map((event) => event.body.n)).toEqual([1, 2, 3])
    expect(undelivered()).toEqual([])
  })

  it('prints nothing of a refusal', async () => {
    server.answer = (_event, response) => {
      response.statusCode = 409
      response.end('{"reason":"an older launch"}')
    }
    expect(await hook(1)).toMatchObject({ code: 0, stdout: '' })
    expect(undelivered()).toEqual([])
  })

  it('stops at the first event that the server could not take, so that none overtakes it', async () => {
    await server.stop()
    for (const n of [1, 2, 3]) await hook(n)
    server.answer = (event, response) => {
      response.statusCode = event.body.n === 2 ? 503 : 200
      response.end('{}')
    }
    await server.start()

    expect(await hook(4)).toMatchObject({ code: 0, stdout: '' })
    expect(server.received.map((event) => event.body.n)).toEqual([1, 2])
    expect(undelivered()).toHaveLength(3)
  })

  it('keeps what was too much at once, and the next hook tells it', async () => {
    server.answer = (_event, response) => {
      response.statusCode = 429
      response.end('{}')
    }
    expect(await hook(1)).toMatchObject({ code: 0, stdout: '' })
    expect(undelivered()).toHaveLength(1)

    server.answer = agree
    expect(await hook(2)).toMatchObject({ stdout: '{"answerTo":2}' })
    expect(server.received.map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ])
  })

  it('drains a backlog no faster than the server takes it, in order and to the end', async () => {
    await server.stop()
    for (const n of [1, 2, 3, 4]) await hook(n)
    let refusals = 0
    server.answer = (event, response) => {
      const isTooMuch = event.body.n === 3 && refusals++ === 0
      response.statusCode = isTooMuch ? 429 : 200
      response.end('{}')
    }
    await server.start()

    await drain()
    expect(server.received.map((event) => event.body.n)).toEqual([1, 2, 3, 3, 4])
    expect(undelivered()).toEqual([])
  })

  it('ends by itself, each of several, while the server hangs', async () => {
    server.answer = hang
    const runs = await Promise.all([1, 2, 3, 4].map((n) => hook(n)))

    for (const run of runs) {
      expect(run).toMatchObject({ code: 0, stdout: '' })
      say(`the hook ended after ${Math.round(run.durationMs)} ms`)
    }
    expect(undelivered()).toHaveLength(4)
  })

  it('keeps the order of parallel hooks and gives each its own answer', async () => {
    const numbers = Array.from({ length: 25 }, (_, n) => n)
    const runs = await Promise.all(numbers.map((n) => hook(n)))

    expect(runs.map((run) => run.stdout)).toEqual(numbers.map((n) => `{"answerTo":${n}}`))
    expect(isRising(server.received.map((event) => event.sequence))).toBe(true)
    expect(server.received).toHaveLength(25)
    expect(server.received.filter((event) => event.isReplay)).toEqual([])
    expect(undelivered()).toEqual([])
  })

  it('replays the event of a hook that was killed while it waited', async () => {
    server.answer = hang
    const { child, ended } = startTool('hook', ['Stop'], environment(), '{"n":1}')
    await vi.waitFor(() => expect(server.received).toHaveLength(1), 5_000)
    child.kill('SIGKILL')
    await server.stop()
    await ended

    server.answer = agree
    await server.start()
    await hook(2)
    expect(server.received.slice(1).map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  it('lets no other process read the token from its arguments', async () => {
    server.answer = hang
    const { ended } = startTool('hook', ['Stop'], environment(), '{"n":1}')
    await vi.waitFor(() => expect(server.received).toHaveLength(1), 5_000)
    const commandLines = readdirSync('/proc').flatMap((pid) =>
      /^\d+$/.test(pid) ? [commandLine(pid)] : [],
    )
    await ended

    expect(commandLines.filter((line) => line.includes('curl'))).not.toEqual([])
    expect(commandLines.filter((line) => line.includes(token))).toEqual([])
  })

  it('numbers on when the outbox was deleted', async () => {
    await hook(1)
    rmSync(outbox, { recursive: true })
    await hook(2)
    expect(isRising(server.received.map((event) => event.sequence))).toBe(true)
  })

  it('keeps the oldest events when the outbox is full, and notes what it lost', async () => {
    await server.stop()
    for (let n = 0; n < 1_000; n++)
      writeFileSync(
        join(outbox, `${1_000_000_000_000 + n}.1.999999999.Stop.json`),
        JSON.stringify({ n }),
      )

    const run = await hook(1_000)
    expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('the outbox is full') })
    expect(undelivered()).toHaveLength(1_000)
    expect(readFileSync(join(outbox, 'lost'), 'utf8')).toMatch(
      /^1 events lost, the last one Stop of launch 1: the outbox is full/,
    )

    await server.start()
    expect((await hook(1_001)).stdout).toBe('{"answerTo":1001}')
    expect(server.received.map((event) => event.body.n)).toEqual([
      ...Array.from({ length: 1_000 }, (_, n) => n),
      1_001,
    ])
  })

  it('ends with 0 when it can write nowhere', async () => {
    const run = await runTool(
      'hook',
      ['Stop'],
      { ...environment(), ORCHESTRATOR_OUTBOX: '/proc/nowhere' },
      '{"n":1}',
    )
    expect(run.code).toBe(0)
  })
})

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? Infinity))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
