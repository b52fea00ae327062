import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blockStop, readHook } from './hooks.ts'

const directory = join(import.meta.dirname, '../../../test/fixtures/claude/hooks')
const payload = (name: string): unknown =>
  JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'))
const eventOf = (name: string): string => name.split('.')[0] ?? ''
const now = Date.UTC(2026, 10, 20, 8, 0)
const captured = (name: string) => readHook(eventOf(name), payload(name), now)

describe('a captured hook', () => {
  it.each(['startup', 'resume', 'clear', 'compact'])(
    'SessionStart after %s starts a session',
    (source) => {
      expect(captured(`SessionStart.${source}`)).toEqual({ type: 'session-started', source })
    },
  )

  it('UserPromptSubmit confirms the prompt with its text', () => {
    expect(captured('UserPromptSubmit')).toEqual({ type: 'prompt-confirmed', text: 'hi' })
  })

  it('Stop ends the turn with the last message', () => {
    expect(captured('Stop')).toEqual({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: 'main end',
    })
  })

  it('Stop counts what still runs in the background', () => {
    expect(captured('Stop.with_background_shell')).toMatchObject({
      type: 'turn-ended',
      backgroundTasks: 1,
    })
  })

  it('Stop of a turn without any answer has an empty last message', () => {
    expect(captured('Stop.without_message')).toEqual({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: '',
    })
  })

  it.each([
    ['billing_error', { kind: 'spent' }, 'Credit balance is too low'],
    ['unknown', { kind: 'other' }, 'API Error: 400 messages: something is wrong'],
  ])('StopFailure.%s fails the turn', (name, modelError, message) => {
    expect(captured(`StopFailure.${name}`)).toEqual({
      type: 'turn-failed',
      modelError,
      message,
      inSubagent: false,
    })
  })

  it('StopFailure of a subagent says so', () => {
    expect(captured('StopFailure.rate_limit.five_hour.subagent')).toMatchObject({
      type: 'turn-failed',
      modelError: { kind: 'quota', window: 'five-hour' },
      inSubagent: true,
    })
  })

  it.each([
    [1_795_166_205, Date.UTC(2026, 10, 20, 9, 16, 46)],
    ['soon', Date.UTC(2026, 10, 20, 9, 17)],
    [1e300, Date.UTC(2026, 10, 20, 9, 17)],
    [undefined, Date.UTC(2026, 10, 20, 9, 17)],
  ])('StopFailure with the reset %s that its transcript holds', (resets_at, until) => {
    const body = { ...(payload('StopFailure.rate_limit.five_hour') as object), resets_at }
    expect(readHook('StopFailure', body, now)).toMatchObject({
      modelError: { kind: 'quota', until },
    })
  })

  const names = readdirSync(directory).map((name) => name.replace(/\.json$/, ''))
  it.each(names.filter((name) => /^(Notification|PermissionRequest|SessionEnd)/.test(name)))(
    '%s is a sign of life',
    (name) => {
      expect(captured(name)).toEqual({ type: 'sign-of-life' })
    },
  )

  it.each(names)('%s reads the same with an unknown key', (name) => {
    const changed = { ...(payload(name) as object), not_known_yet: { any: ['thing'] } }
    expect(readHook(eventOf(name), changed, now)).toEqual(captured(name))
  })
})

describe('a hook', () => {
  it('of an unknown event is a sign of life', () => {
    expect(readHook('NotKnownYet', { hook_event_name: 'NotKnownYet' }, now)).toEqual({
      type: 'sign-of-life',
    })
  })

  it.each([
    ['SessionStart', { type: 'session-started', source: 'startup' }],
    ['Stop', { type: 'turn-ended', backgroundTasks: 0, lastMessage: '' }],
    [
      'StopFailure',
      { type: 'turn-failed', modelError: { kind: 'other' }, message: '', inSubagent: false },
    ],
  ])('%s is understood without any of its keys', (event, fact) => {
    expect(readHook(event, {}, now)).toEqual(fact)
  })

  it('that confirms a prompt without its text is unreadable, and says what is missing', () => {
    expect(readHook('UserPromptSubmit', {}, now)).toMatchObject({
      type: 'unreadable',
      reason: expect.stringContaining('prompt') as string,
    })
  })

  it('does not count background tasks that have ended', () => {
    const background_tasks = [
      { status: 'completed' },
      { status: 'running' },
      { id: 'of an unknown shape' },
    ]
    expect(readHook('Stop', { background_tasks }, now)).toMatchObject({ backgroundTasks: 2 })
  })

  it('whose body belongs to another event is unreadable', () => {
    expect(readHook('Stop', { hook_event_name: 'SessionEnd' }, now)).toMatchObject({
      type: 'unreadable',
    })
  })

  it.each([[null], ['Stop'], [[]], [7]])('with the body %j is unreadable', (body) => {
    expect(readHook('Stop', body, now)).toMatchObject({ type: 'unreadable' })
  })

  it('named like a property of every object is a sign of life', () => {
    expect(readHook('constructor', {}, now)).toEqual({ type: 'sign-of-life' })
  })

  it('cannot fill the journal with one message', () => {
    const fact = readHook('Stop', { last_assistant_message: 'x'.repeat(1_000_000) }, now)
    expect(JSON.stringify(fact).length).toBeLessThan(5_000)
  })
})

it('the answer that keeps a turn going is the one that Claude Code documents', () => {
  expect(blockStop('[orchestrator p7] Fetch your brief.')).toEqual({
    decision: 'block',
    reason: '[orchestrator p7] Fetch your brief.',
  })
})
