import { describe, expect, it } from 'vitest'
import type { JournalLine } from './events.ts'
import { narrate } from './narrate.ts'

const line = (
  event: Partial<JournalLine['event']> & { type: string },
  ignored: string | null = null,
): JournalLine => ({
  sequence: 1,
  event: { at: 0, ...event },
  commands: [],
  ignored,
})

describe('the narration', () => {
  it('tells what moves a task', () => {
    expect(narrate(line({ type: 'task-reported', instance: 'worker-1', task: 'a' }))).toBe(
      'worker-1 reports a',
    )
    expect(narrate(line({ type: 'merge-conflicted', task: 'a', paths: ['x', 'y'] }))).toBe(
      'conflict: a in x, y',
    )
  })

  it('tells what is the matter with a credential, and with which one the work goes on', () => {
    const until = Date.UTC(1970, 0, 1, 9, 16)
    const failed = (trouble: JournalLine['event']['trouble'], inSubagent = false) =>
      narrate(line({ type: 'turn-failed', instance: 'worker-2', trouble, inSubagent }))
    expect(failed({ kind: 'quota', window: 'five-hour', until })).toBe(
      "worker-2's credential is limited until 09:16 (UTC): five-hour window",
    )
    expect(failed({ kind: 'quota', window: 'weekly', until: until + 3 * 86_400_000 })).toContain(
      'until 1970-01-04 09:16 (UTC)',
    )
    expect(failed({ kind: 'quota', until: null })).toBe(
      "worker-2's credential is limited, nobody said until when",
    )
    expect(failed({ kind: 'overloaded' }, true)).toBe(
      'the service is overloaded, says a subagent of worker-2',
    )
    expect(failed({ kind: 'rejected' })).toBe("worker-2's credential is refused")
    expect(
      narrate(line({ type: 'credential-replaced', instance: 'worker-2', credential: 'key-4' })),
    ).toBe('worker-2 goes on with key-4')
  })

  it('leaves out what changed nothing and what only the server cares about', () => {
    expect(narrate(line({ type: 'task-reported', task: 'a' }, 'a was reported already'))).toBeNull()
    expect(narrate(line({ type: 'clock-ticked' }))).toBeNull()
  })

  it('stays on one line, whatever a reason holds', () => {
    const told = narrate(
      line({ type: 'instance-lost', instance: 'worker-1', cause: `exit\n${'x'.repeat(999)}` }),
    )
    expect(told).toMatch(/^worker-1 is lost: exit x+$/)
    expect(told?.length).toBeLessThanOrEqual(200)
  })
})
