import { describe, expect, it } from 'vitest'
import type { Asking } from '../model/server.ts'
import { messagesRequest } from '../model/wire.ts'
import { createFaultInjector, type FaultPlan } from './fault-plan.ts'

const limit: FaultPlan = {
  fault: { type: 'limit', window: 'five_hour' },
  strikes: 'one',
  when: { role: 'worker', steps: 2 },
  lastsMs: 1_000,
}

/** A request in a turn that holds so many results. */
const asking = (role: string, steps: number): Asking => ({
  role,
  request: messagesRequest.parse({
    model: 'm',
    messages: [
      { role: 'user', content: '[orchestrator p1] go' },
      ...Array.from({ length: steps }, (_, index) => ({
        role: 'assistant',
        content: [{ type: 'tool_use', id: `t${index}`, name: 'Read', input: {} }],
      })),
    ],
  }),
})

describe('a faultPlan', () => {
  it('strikes the credential of the first one who is in the middle of a turn, and no other', () => {
    const { faultFor } = createFaultInjector(limit, () => 5_000)
    expect(faultFor('a', 1, asking('worker', 1))).toBeNull()
    expect(faultFor('m', 1, asking('manager', 9))).toBeNull()
    expect(faultFor('b', 1, asking('worker', 2))).toEqual({
      type: 'limit',
      window: 'five_hour',
      resetsAt: 6_000,
    })
    expect(faultFor('a', 2, asking('worker', 2))).toBeNull()
    expect(faultFor('b', 2, asking('manager', 0))).not.toBeNull()
  })

  it('is over at its time', () => {
    let now = 5_000
    const { faultFor, outage } = createFaultInjector(limit, () => now)
    expect(outage()).toBeNull()
    expect(faultFor('b', 1, asking('worker', 2))).not.toBeNull()
    now = 6_000
    expect(faultFor('b', 2, asking('worker', 2))).toBeNull()
    expect(outage()).toEqual({ credential: 'b', from: 5_000, until: 6_000 })
  })

  it('is over after so many refusals', () => {
    const { faultFor } = createFaultInjector(
      { fault: { type: 'overloaded' }, strikes: 'one', when: limit.when, times: 2 },
      () => 0,
    )
    const faults = [1, 2, 3].map((count) => faultFor('b', count, asking('worker', 2))?.type ?? null)
    expect(faults).toEqual(['overloaded', 'overloaded', null])
  })

  it('can strike every credential at once', () => {
    const { faultFor, outage } = createFaultInjector({ ...limit, strikes: 'all' }, () => 0)
    expect(faultFor('a', 1, asking('worker', 0))).toBeNull()
    expect(faultFor('b', 1, asking('worker', 2))).not.toBeNull()
    expect(faultFor('a', 2, asking('worker', 0))).not.toBeNull()
    expect(outage()?.credential).toBeNull()
  })

  it('fills the window before the limit', () => {
    const { faultFor, usedBy } = createFaultInjector({ ...limit, warnings: 6 }, () => 0)
    const shares = Array.from({ length: 6 }, (_, index) => {
      expect(faultFor('b', index, asking('worker', 2))).toBeNull()
      return usedBy('b')
    })
    expect(shares[0]).toBeLessThan(0.9)
    expect(shares.at(-1)).toBe(0.95)
    expect(usedBy('a')).toBe(0.2)
    expect(faultFor('b', 7, asking('worker', 2))).not.toBeNull()
  })
})
