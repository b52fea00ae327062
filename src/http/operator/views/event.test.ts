import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectView } from '../../../../test/support/contract.ts'
import { commit, line, one, planned } from '../../../../test/support/run.ts'
import type { Command } from '../../../core/model/command.ts'
import type { Event } from '../../../core/model/event.ts'
import { CredentialId, TaskId } from '../../../core/model/ids.ts'
import { eventType, eventView } from '../../contract/event.ts'
import { viewEvent } from './event.ts'

const view = (
  event: object,
  { ignored = null, commands = [] }: { ignored?: string | null; commands?: Command[] } = {},
) => {
  const entry = { sequence: 7, event: { at: 0, ...event } as Event, commands, reply: null, ignored }
  const viewed = viewEvent(entry)
  expectView(eventView, viewed)
  return viewed
}
const from = { instance: one, launch: 2 }

describe('an event', () => {
  it('has a type, a subject and a sentence', () => {
    const [task, at] = [TaskId('a'), Date.UTC(2030, 0, 1)]
    const event = { type: 'task-reported', at, ...from, task, commit: commit('c'), summary: 'ok' }
    expect(view(event)).toEqual({
      sequence: 7,
      at: '2030-01-01T00:00:00.000Z',
      type: 'task-reported',
      subject: { kind: 'task', id: 'a' },
      text: 'worker-1 reports task a as done: ok',
      ignored: null,
      instance: 'worker-1',
      launch: 2,
      task: 'a',
      credential: null,
      commit: commit('c'),
      modelError: null,
      actions: [],
    })
    expect(view({ type: 'merge-conflicted', task, paths: ['x', 'y'] }).text).toBe(
      'task a conflicts with the target branch in x, y',
    )
    expect(view({ type: 'published' })).toMatchObject({
      type: 'sync-succeeded',
      subject: { kind: 'run', id: null },
    })
  })

  it('says why the model did not answer, and which credential replaces the old one', () => {
    const until = Date.UTC(1970, 0, 1, 9, 16)
    const failed = (modelError: object, inSubagent = false) =>
      view({ type: 'turn-failed', ...from, modelError, message: 'm', inSubagent })
    expect(failed({ kind: 'quota', window: 'five-hour', until })).toMatchObject({
      text:
        'the turn of worker-1 failed: ' +
        'the five-hour window of its credential is used up until 1970-01-01 09:16 (UTC)',
      modelError: { kind: 'quota', window: 'five-hour', until: '1970-01-01T09:16:00.000Z' },
    })
    expect(failed({ kind: 'quota', window: 'weekly', until: null }).text).toContain(
      'used up until an unknown time',
    )
    expect(failed({ kind: 'overloaded' }, true).text).toBe(
      'a subagent of worker-1 failed: the service is overloaded',
    )
    expect(failed({ kind: 'rejected' }).text).toContain('its credential is refused')
    const written = { type: 'turn-failed', ...from, trouble: { kind: 'overloaded' } }
    expect(view(written).modelError?.kind, 'by an older server').toBe('overloaded')
    const credential = CredentialId('key-4')
    expect(view({ type: 'credential-replaced', ...from, credential }).text).toBe(
      'worker-1 goes on with key-4',
    )
  })

  it('says why it changed nothing', () => {
    expect(view({ type: 'task-reported' }, { ignored: 'a was reported already' })).toMatchObject({
      ignored: 'a was reported already',
    })
  })

  it('shows what the server does to an instance, but not the text of a prompt', () => {
    const prompt = { id: 'p1', purpose: 'task', text: 'secret words', way: 'typed' } as const
    const actions = view(
      { type: 'clock-ticked' },
      {
        commands: [
          { type: 'send-prompt', ...from, prompt, tries: 1 },
          { type: 'start-instance', ...from, credential: CredentialId('key-2'), resume: true },
          { type: 'publish', line, head: commit('base') },
        ],
      },
    ).actions
    expect(actions).toEqual([
      { type: 'send-prompt', ...from, credential: null },
      { type: 'start-instance', ...from, credential: 'key-2' },
    ])
  })

  it.each([
    { type: 'prompt-confirmed', ...from, text: 'hidden' },
    { type: 'turn-ended', ...from, lastMessage: 'hidden', isAnswerable: true, backgroundTasks: 0 },
    { type: 'turn-failed', ...from, modelError: { kind: 'other' }, message: 'hidden' },
    { type: 'plan-submitted', ...from, tasks: [planned('a', { body: 'hidden' })] },
    { type: 'task-answered', task: 'a', answer: 'hidden', worker: null, by: 'operator' },
    { type: 'run-finished', ...from, report: 'hidden' },
    { type: 'merge-rejected', task: 'a', output: 'hidden' },
    { type: 'from-the-future', ...from, text: 'hidden' },
  ])('does not show what its reader must fetch elsewhere: $type', (event) => {
    expect(JSON.stringify(view(event))).not.toContain('hidden')
  })

  it('stays on one line of at most 2,000 characters, whatever a reason holds', () => {
    const { text } = view({ type: 'instance-lost', ...from, cause: `exit\n${'x'.repeat(9_999)}` })
    expect(text).toMatch(/^worker-1 is lost: exit x+$/)
    expect(text.length).toBe(2_000)
  })
})

describe('an event of another version of the server', () => {
  it('of an unknown type has a generic view', () => {
    expect(view({ type: 'hub-prepared', ...from })).toMatchObject({
      type: 'other',
      subject: null,
      instance: 'worker-1',
      text: 'an event of another version of the server: hub-prepared',
    })
    expect(view({ type: 'constructor' }).type).toBe('other')
  })

  it('without the fields that a sentence names still has a sentence', () => {
    const known = ['instance-lost', 'task-blocked', 'window-seen', 'work-saved', 'turn-failed']
    for (const type of [...known, ...eventType.options])
      expect(view({ type }).text).toMatch(/^(?!.*(?:undefined|null|\[object)).{8,}$/)
  })

  it('is never an error, whatever its fields hold', () => {
    const types = fc.oneof(fc.string(), fc.constantFrom('turn-failed', 'window-seen', 'published'))
    fc.assert(
      fc.property(types, fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (...parts) => {
        const [type, fields, modelError] = parts
        view({ ...fields, type, modelError })
      }),
    )
  })
})
