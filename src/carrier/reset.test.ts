import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withReset } from './reset.ts'

const words = "You've hit your 5-hour limit · resets 9:44am (UTC)"
const reset = 1_795_167_871

/** As Claude Code 2.1.328 writes it for a request that was refused. */
const refusal = (changes: Readonly<Record<string, unknown>> = {}): string =>
  `${JSON.stringify({
    type: 'assistant',
    timestamp: new Date().toISOString(),
    message: { model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text: words }] },
    quotaLimits: { status: 'rejected', resetsAt: reset, rateLimitType: 'five_hour' },
    error: 'rate_limit',
    ...changes,
  })}\n`

describe('a failure at a used-up window', () => {
  let place: string
  let transcript: string

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'reset-'))
    transcript = join(place, 'session.jsonl')
    writeFileSync(transcript, '{"type":"user"}\n')
  })

  afterEach(() => rmSync(place, { recursive: true }))

  const event = (changes: Readonly<Record<string, unknown>> = {}) => ({
    transcript_path: transcript,
    hook_event_name: 'StopFailure',
    error: 'rate_limit',
    last_assistant_message: words,
    ...changes,
  })
  const send = async (changes: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    JSON.parse((await withReset(Buffer.from(JSON.stringify(event(changes))))).toString())
  const unchanged = (changes: object = {}): unknown =>
    JSON.parse(JSON.stringify(event({ ...changes })))

  it('gets the second of its reset from the transcript, and changes in nothing else', async () => {
    appendFileSync(transcript, refusal())
    expect(await send()).toEqual({ ...event(), resets_at: reset })
  })

  it('waits a moment for a transcript that is written just after', async () => {
    const sent = send()
    appendFileSync(transcript, refusal())
    expect(await sent).toMatchObject({ resets_at: reset })
  })

  it('gets the newest of several refusals', async () => {
    appendFileSync(
      transcript,
      refusal({ quotaLimits: { resetsAt: reset - 20 } }) + refusal() + `{"type":"user"}\n`,
    )
    expect(await send()).toMatchObject({ resets_at: reset })
  })

  it('is found behind megabytes, and before half a line', async () => {
    appendFileSync(transcript, `${'x'.repeat(2_000_000)}\n${refusal()}{"quotaLimits":{"resetsAt":1`)
    expect(await send()).toMatchObject({ resets_at: reset })
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
  ])('stays as it is when there is no refusal but one %s', async (_, line) => {
    appendFileSync(transcript, line)
    expect(await send()).toEqual(unchanged())
  })

  const unnamed = 'API Error: Request rejected (429)'

  it.each([
    ['whose words name no reset', { last_assistant_message: unnamed }],
    ['of a subagent', { agent_id: 'a1' }],
    ['without a transcript', { transcript_path: undefined }],
    ['whose transcript is no file', { transcript_path: '/dev/zero' }],
    ['whose transcript is a directory', { transcript_path: '/tmp' }],
  ])('stays as it is %s', async (_, changes) => {
    appendFileSync(
      transcript,
      refusal() + refusal({ message: { content: [{ type: 'text', text: unnamed }] } }),
    )
    expect(await send(changes)).toEqual(unchanged(changes))
  })

  it('stays as it is when it is no JSON', async () => {
    expect((await withReset(Buffer.from('{"cut'))).toString()).toBe('{"cut')
  })
})
