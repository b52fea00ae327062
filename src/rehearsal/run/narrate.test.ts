import { describe, expect, it } from 'vitest'
import type { JournalLine } from './events.ts'
import { narrate } from './narrate.ts'

const line = (event: Partial<JournalLine['event']> & { type: string }, ignored: string | null = null): JournalLine => ({
  sequence: 1,
  event: { at: 0, ...event },
  ignored,
})

describe('the narration', () => {
  it('tells what moves a task', () => {
    expect(narrate(line({ type: 'task-reported', instance: 'worker-1', task: 'a' }))).toBe('worker-1 reports a')
    expect(narrate(line({ type: 'merge-conflicted', task: 'a', paths: ['x', 'y'] }))).toBe('conflict: a in x, y')
  })

  it('leaves out what changed nothing and what only the server cares about', () => {
    expect(narrate(line({ type: 'task-reported', task: 'a' }, 'a was reported already'))).toBeNull()
    expect(narrate(line({ type: 'clock-ticked' }))).toBeNull()
  })

  it('stays on one line, whatever a reason holds', () => {
    const told = narrate(line({ type: 'instance-lost', instance: 'worker-1', cause: `exit\n${'x'.repeat(999)}` }))
    expect(told).toMatch(/^worker-1 is lost: exit x+$/)
    expect(told?.length).toBeLessThanOrEqual(200)
  })
})
