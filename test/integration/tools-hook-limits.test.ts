import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HookStage, isRising, token } from './tools-hook-stage.ts'
import { agree, hang } from './tools-receiver.ts'
import { runTool, startTool } from './tools-run.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

describe('the hook client', () => {
  let stage: HookStage
  beforeEach(async () => {
    stage = await HookStage.open()
  })
  afterEach(() => stage.close())

  it('ends by itself, each of several, while the server hangs', async () => {
    stage.server.answer = hang
    const runs = await Promise.all([1, 2, 3, 4].map((n) => stage.hook(n)))

    for (const run of runs) {
      expect(run).toMatchObject({ code: 0, stdout: '' })
      say(`the hook ended after ${Math.round(run.durationMs)} ms`)
    }
    expect(stage.undelivered()).toHaveLength(4)
  })

  it('keeps the order of parallel hooks and gives each its own answer', async () => {
    const { server } = stage
    for (let round = 0, isWhole = false; !isWhole; round += 1) {
      const numbers = Array.from({ length: 25 }, (_, n) => 25 * round + n)
      const runs = await Promise.all(numbers.map((n) => stage.hook(n)))
      // On a busy machine some give up after their 2 s, without an answer.
      isWhole = runs.every(({ stdout }) => stdout !== '')
      const own = numbers.map((n, at) => (runs[at]?.stdout === '' ? '' : `{"answerTo":${n}}`))
      expect(runs.map(({ stdout }) => stdout)).toEqual(own)
      if (isWhole) continue
      await stage.drain()
      server.received.splice(0)
    }
    expect(isRising(server.received.map((event) => event.sequence))).toBe(true)
    expect(server.received).toHaveLength(25)
    expect(server.received.filter((event) => event.isReplay)).toEqual([])
    expect(stage.undelivered()).toEqual([])
  })

  it('replays the event of a hook that was killed while it waited', async () => {
    stage.server.answer = hang
    const { child, ended } = startTool('hook', ['Stop'], stage.environment(), '{"n":1}')
    await vi.waitFor(() => expect(stage.server.received).toHaveLength(1), 60_000)
    child.kill('SIGKILL')
    await stage.server.stop()
    await ended

    stage.server.answer = agree
    await stage.server.start()
    await stage.hook(2)
    expect(stage.server.received.slice(1).map((event) => [event.body.n, event.isReplay])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  it('lets no other process read the token from its arguments', async () => {
    stage.server.answer = hang
    const { ended } = startTool('hook', ['Stop'], stage.environment(), '{"n":1}')
    await vi.waitFor(() => expect(stage.server.received).toHaveLength(1), 60_000)
    const commandLines = readdirSync('/proc').flatMap((pid) =>
      /^\d+$/.test(pid) ? [commandLine(pid)] : [],
    )
    await ended

    expect(commandLines.filter((line) => line.includes('curl'))).not.toEqual([])
    expect(commandLines.filter((line) => line.includes(token))).toEqual([])
  })

  it('numbers on when the outbox was deleted', async () => {
    await stage.hook(1)
    rmSync(stage.outbox, { recursive: true })
    await stage.hook(2)
    expect(isRising(stage.server.received.map((event) => event.sequence))).toBe(true)
  })

  it('keeps the oldest events when the outbox is full, and notes what it lost', async () => {
    await stage.server.stop()
    for (let n = 0; n < 1_000; n++)
      writeFileSync(
        join(stage.outbox, `${1_000_000_000_000 + n}.1.999999999.Stop.json`),
        JSON.stringify({ n }),
      )

    const run = await stage.hook(1_000)
    expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('the outbox is full') })
    expect(stage.undelivered()).toHaveLength(1_000)
    expect(readFileSync(join(stage.outbox, 'lost'), 'utf8')).toMatch(
      /^1 events lost, the last one Stop of launch 1: the outbox is full/,
    )

    // The first answer makes room; the refusal behind it ends the first batch, which a slow machine
    // could not deliver whole in the time of a hook.
    stage.server.answer = (event, response) =>
      stage.server.received.length === 2 ? response.writeHead(503).end() : agree(event, response)
    await stage.server.start()
    const next = await stage.hook(1_001)
    const isDelivered = stage.undelivered().length === 0
    say(
      `a hook behind 1000 events ended after ${Math.round(next.durationMs)} ms, ` +
        `${stage.server.received.length} of 1001 received`,
    )
    expect(next).toMatchObject({ code: 0, stderr: '' })
    expect(next.stdout).toBe(isDelivered ? '{"answerTo":1001}' : '')

    // A slow machine delivers fewer events in the time of a hook: the drain sends the others, and
    // again the one whose answer came too late.
    while (stage.undelivered().length > 0) await stage.drain()
    expect([...new Set(stage.server.received.map((event) => event.body.n))]).toEqual([
      ...Array.from({ length: 1_000 }, (_, n) => n),
      1_001,
    ])
  })

  it('ends with 0 when it can write nowhere', async () => {
    const run = await runTool(
      'hook',
      ['Stop'],
      { ...stage.environment(), ORCHESTRATOR_OUTBOX: '/proc/nowhere' },
      '{"n":1}',
    )
    expect(run.code).toBe(0)
  })
})

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
