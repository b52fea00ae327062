import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { policySettings } from '../../src/claude/launch/settings.ts'
import { agree, hang, Receiver } from './tools-receiver.ts'
import { startCommand, toolPath } from './tools-run.ts'

const captured = JSON.parse(
  readFileSync(new URL('../fixtures/claude/status-line.json', import.meta.url), 'utf8'),
) as object

const { statusLine } = policySettings('worker', {
  tools: dirname(toolPath('status-line')),
  carrier: null,
  environment: {},
  network: null,
  outward: {},
})
/** As Claude Code runs it. */
const run = (variables: Readonly<Record<string, string>>, state: string) =>
  startCommand('/bin/sh', ['-c', statusLine.command], variables, state).ended

describe('the status line client', () => {
  let outbox: string
  let server: Receiver

  beforeEach(async () => {
    outbox = mkdtempSync(join(tmpdir(), 'status-line-'))
    server = new Receiver()
    await server.start()
  })

  afterEach(async () => {
    await server.stop()
    rmSync(outbox, { recursive: true, force: true })
  })

  const environment = (launch: number) => ({
    ORCHESTRATOR_OUTBOX: outbox,
    ORCHESTRATOR_URL: `http://127.0.0.1:${server.port}`,
    ORCHESTRATOR_TOKEN: 'secret-of-this-launch',
    INSTANCE_ID: 'worker-1',
    LAUNCH: String(launch),
  })
  const windows = (fiveHour: number) => ({
    five_hour: { used_percentage: fiveHour, resets_at: 1_795_167_871 },
    seven_day: { used_percentage: 40.5, resets_at: 1_795_419_271 },
  })
  const show = (state: object, launch = 1) => run(environment(launch), JSON.stringify(state))
  const showUsed = (fiveHour: number, launch = 1) =>
    show({ ...captured, rate_limits: windows(fiveHour) }, launch)
  const untilReceived = (count: number) =>
    vi.waitFor(() => expect(server.received).toHaveLength(count), { timeout: 110_000 })
  const untilTaken = (used: number, launch = 1) =>
    vi.waitFor(
      () =>
        expect(readFileSync(join(outbox, 'status-line.sent'), 'utf8')).toMatch(
          new RegExp(`^${launch} five_hour:used_percentage:${used},`),
        ),
      { timeout: 110_000 },
    )
  const letTimePass = () => writeFileSync(join(outbox, 'status-line.tried'), '0\n')

  it('shows who it is and how far the windows are used', async () => {
    expect(await showUsed(42)).toMatchObject({
      code: 0,
      stdout: 'worker-1 · 5h 42% · 7d 40%\n',
      stderr: '',
    })
    expect(await show({ ...captured, rate_limits: undefined })).toMatchObject({
      code: 0,
      stdout: 'worker-1\n',
      stderr: '',
    })
  })

  it('starts no process for what the server has', async () => {
    await showUsed(42)
    await untilTaken(42)
    const state = JSON.stringify({ ...captured, rate_limits: windows(42) })
    const variables = { ...environment(1), PATH: '/nowhere' }
    expect(await run(variables, state)).toMatchObject({
      code: 0,
      stdout: 'worker-1 · 5h 42% · 7d 40%\n',
      stderr: '',
    })
  })

  it('finds what it is in the settings of the launch', async () => {
    const lines = Object.entries(environment(3)).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(outbox, 'environment'), lines.join(''))
    await run(
      { ORCHESTRATOR_SETTINGS: outbox },
      JSON.stringify({ ...captured, rate_limits: windows(42) }),
    )
    await untilTaken(42, 3)
    expect(server.received).toMatchObject([{ launch: 3 }])
  })

  it('posts the state as it is, and says who it is', async () => {
    await showUsed(42)
    await untilReceived(1)
    expect(server.received).toMatchObject([
      {
        path: '/hooks/StatusLine',
        launch: 1,
        authorization: 'Bearer secret-of-this-launch',
        body: { ...captured, rate_limits: windows(42) },
      },
    ])
  })

  it('posts again only what has changed, and everything for a new launch', async () => {
    await showUsed(42)
    await untilTaken(42)
    for (const cost of [1, 2, 3]) {
      letTimePass()
      await show({ ...captured, cost, rate_limits: windows(42) })
    }
    letTimePass()
    await showUsed(43)
    await untilTaken(43)
    letTimePass()
    await showUsed(43, 2)
    await untilTaken(43, 2)
    expect(server.received.map(({ launch }) => launch)).toEqual([1, 1, 2])
  })

  it('posts no more often than every few seconds, and then the newest', async () => {
    for (const used of [1, 2, 3, 4]) await showUsed(used)
    await untilTaken(1)
    letTimePass()
    await showUsed(5)
    await untilTaken(5)
    expect(server.received).toHaveLength(2)
  })

  it('posts nothing for an API key, which has no windows', async () => {
    await show({ ...captured, rate_limits: undefined })
    await show({
      ...captured,
      workspace: { current_dir: '/"rate_limits":{"five_hour":{"used_percentage":7}}' },
      rate_limits: undefined,
    })
    await showUsed(1)
    await untilTaken(1)
    expect(server.received).toHaveLength(1)
  })

  it('does not wait for a server that is away or does not answer, and reports later', async () => {
    server.answer = hang
    const hanging = await showUsed(42)
    await untilReceived(1)
    await server.stop()
    letTimePass()
    const away = await showUsed(42)
    // Both ended without an answer: the server gave none.
    expect([hanging.code, away.code]).toEqual([0, 0])
    for (const { durationMs } of [hanging, away])
      process.stdout.write(`the status line took ${Math.round(durationMs)} ms\n`)
    server.answer = agree
    await server.start()
    letTimePass()
    await showUsed(42)
    await untilTaken(42)
  })
})
