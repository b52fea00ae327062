import { describe, expect, it } from 'vitest'
import { eventAt } from '../../../test/support/event-view.ts'
import { narrate } from './narrate.ts'

const text = 'worker-1 reports task a as done'

describe('the narration', () => {
  it('has the sentence of what moves a task or a credential', () => {
    expect(narrate(eventAt(1, { type: 'task-reported', text }))).toBe(text)
    expect(narrate(eventAt(1, { type: 'credential-replaced', text }))).toBe(text)
  })

  it('leaves out what changed nothing and what only the server cares about', () => {
    const ignored = 'a was reported already'
    expect(narrate(eventAt(1, { type: 'task-reported', text, ignored }))).toBeNull()
    expect(narrate(eventAt(1, { type: 'usage-counted' }))).toBeNull()
    expect(narrate(eventAt(1, { type: 'other' }))).toBeNull()
  })

  it('is at most 200 characters long', () => {
    const long = eventAt(1, { type: 'instance-lost', text: 'x'.repeat(2_000) })
    expect(narrate(long)).toMatch(/^x{200}$/)
  })
})
