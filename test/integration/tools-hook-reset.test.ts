import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Receiver } from './tools-receiver.ts'
import { runTool } from './tools-run.ts'

const words = "You've hit your 5-hour limit · resets 9:44am (UTC)"
const reset = 1_795_167_871

/** As Claude Code 2.1.328 writes it for a request that was refused. */
const refusal = (changes: Readonly<Record<string, unknown>> = {}): string =>
  `${JSON.stringify({
    isSidechain: false,
    type: 'assistant',
    timestamp: new Date().toISOString(),
    message: { model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text: words }] },
    apiError: 'usage_limit_reached',
    quotaLimits: {
      status: 'rejected',
      resetsAt: reset,
      unifiedRateLimitFallbackAvailable: false,
      rateLimitType: 'five_hour',
    },
    error: 'rate_limit',
    ...changes,
  })}\n`

describe('the hook client at a used-up window', () => {
  let place: string
  let transcript: string
  let server: Receiver

  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), 'reset-'))
    transcript = join(place, 'session.jsonl')
    writeFileSync(transcript, `{"type":"user"}\n`)
    server = new Receiver()
    await server.start()
  })

  afterEach(async () => {
    await server.stop()
    rmSync(place, { recursive: true })
  })

  const environment = () => ({
    ORCHESTRATOR_OUTBOX: join(place, 'outbox'),
    ORCHESTRATOR_URL: `http://127.0.0.1:${server.port}`,
    ORCHESTRATOR_TOKEN: 'token',
    LAUNCH: '1',
  })
  const event = (changes: Readonly<Record<string, unknown>> = {}) => ({
    session_id: 'a',
    transcript_path: transcript,
    hook_event_name: 'StopFailure',
    error: 'rate_limit',
    last_assistant_message: words,
    ...changes,
  })
  const fail = (changes: Readonly<Record<string, unknown>> = {}) =>
    runTool('hook', ['StopFailure'], environment(), JSON.stringify(event(changes)))

  it('adds the second of its reset from the transcript, and changes nothing else', async () => {
    appendFileSync(transcript, refusal())
    expect(await fail()).toMatchObject({ code: 0, stderr: '' })
    expect(server.received).toMatchObject([{ path: '/hooks/StopFailure' }])
    expect(server.received[0]?.body).toEqual({ ...event(), resets_at: reset })
  })

  it('waits a moment for a transcript that is written just after', async () => {
    // The hook sleeps when it has looked in vain: that is when the line is written.
    const line = join(place, 'line')
    writeFileSync(line, refusal())
    const script = `#!/bin/sh\ncat '${line}' >>'${transcript}'\n`
    writeFileSync(join(place, 'sleep'), script, { mode: 0o755 })
    const PATH = `${place}:${process.env['PATH'] ?? ''}`
    await runTool('hook', ['StopFailure'], { ...environment(), PATH }, JSON.stringify(event()))
    expect(server.received[0]?.body).toMatchObject({ resets_at: reset })
  })

  it('takes the newest of several refusals', async () => {
    appendFileSync(
      transcript,
      refusal({ quotaLimits: { resetsAt: reset - 20 } }) + refusal() + `{"type":"user"}\n`,
    )
    await fail()
    expect(server.received[0]?.body).toMatchObject({ resets_at: reset })
  })

  it.each([
    ['of an earlier turn', refusal({ timestamp: new Date(Date.now() - 20_000).toISOString() })],
    [
      'that says something else',
      refusal({ message: { content: [{ type: 'text', text: words.replace('44', '45') }] } }),
    ],
    ['without a window', refusal({ quotaLimits: null })],
    [
      'that an agent has printed',
      `${JSON.stringify({ type: 'user', timestamp: new Date().toISOString(), toolUseResult: refusal() })}\n`,
    ],
  ])('sends the event as it is when there is no refusal but one %s', async (_, line) => {
    appendFileSync(transcript, line)
    const { durationMs } = await fail()
    expect(server.received[0]?.body).toEqual(event())
    process.stdout.write(`the hook gave up after ${Math.round(durationMs)} ms\n`)
  })

  const unnamed = 'API Error: Request rejected (429)'

  it.each([
    ['whose words name no reset', { last_assistant_message: unnamed }],
    ['of a subagent', { agent_id: 'a1' }],
    ['without a transcript', { transcript_path: undefined }],
    ['whose transcript is no file', { transcript_path: '/dev/zero' }],
  ])('looks for nothing in a failure %s', async (_, changes) => {
    appendFileSync(
      transcript,
      refusal() + refusal({ message: { content: [{ type: 'text', text: unnamed }] } }),
    )
    await fail(changes)
    expect(server.received.map(({ body }) => body)).toEqual([
      JSON.parse(JSON.stringify(event(changes))),
    ])
  })
})
