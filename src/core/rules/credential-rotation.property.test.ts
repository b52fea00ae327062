import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { fail, minutes, quota, replaced, working } from '../../../test/support/limits.ts'
import { nextAlarm } from './deadlines.ts'
import type { ModelError } from '../model/model-error.ts'

/** Only ends a hang: on an idle machine, the longest of these tests takes a few seconds. */
const hangMs = 120_000

const isDue = (run: Run): boolean => (nextAlarm(run.state) ?? Number.POSITIVE_INFINITY) <= run.at

describe('in any order of signals', () => {
  const error = fc.oneof(
    fc.integer({ min: 1, max: 90 }).map(
      (reset): ModelError => ({
        kind: 'quota',
        window: 'unknown',
        until: 1_000_000 + reset * minutes,
      }),
    ),
    fc
      .constantFrom('throttled', 'overloaded', 'rejected', 'spent')
      .map((kind): ModelError => ({ kind })),
  )
  const step = fc.oneof(
    fc.record({
      type: fc.constant('fail' as const),
      instance: fc.constantFrom(manager, one, two),
      error,
    }),
    fc.record({
      type: fc.constant('replaced' as const),
      instance: fc.constantFrom(manager, one, two),
    }),
    fc.record({
      type: fc.constant('confirm' as const),
      instance: fc.constantFrom(manager, one, two),
    }),
    fc.record({
      type: fc.constant('later' as const),
      ms: fc.integer({ min: 0, max: 60 * minutes }),
    }),
    fc.record({ type: fc.constant('restart' as const) }),
  )

  it(
    'no credential exceeds its capacity or is leased out of use, and no alarm is in the past',
    () => {
      fc.assert(
        fc.property(
          fc.array(step, { size: 'max', maxLength: 60 }),
          fc.integer({ min: 1, max: 2 }),
          (steps, instancesPerCredential) => {
            const run = new Run({ workerCount: 2, instancesPerCredential }, 4)
              .planned([planned('a'), planned('b')])
              .confirmed(one)
              .confirmed(two)
            for (const each of steps) {
              const before = run.state
              if (each.type === 'fail') fail(run, each.error, each.instance)
              if (each.type === 'replaced' && run.instance(each.instance).rotation !== null)
                replaced(run, each.instance)
              if (each.type === 'confirm' && run.instance(each.instance).phase.name === 'prompted')
                run.confirmed(each.instance)
              if (each.type === 'later') run.later(each.ms).allUp()
              if (each.type === 'restart') run.start()
              for (let ticks = 0; ticks < 5 && isDue(run); ticks += 1) run.later(0)
              expect(nextAlarm(run.state) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(run.at)
              for (const { leases, capacity } of run.state.credentials.values())
                expect(leases.length).toBeLessThanOrEqual(capacity)
              for (const { id, credential } of run.state.instances.values()) {
                if (credential === null || before.instances.get(id)?.credential === credential)
                  continue
                expect(run.state.credentials.get(credential)?.phase.name).toBe('leased')
              }
              const leased = [...run.state.credentials.values()].flatMap(({ id, leases }) =>
                leases.map((holder) => `${holder} ${id}`),
              )
              const recorded = [...run.state.instances.values()].flatMap(({ id, credential }) =>
                credential === null ? [] : [`${id} ${credential}`],
              )
              expect(leased.toSorted()).toEqual(recorded.toSorted())
            }
          },
        ),
        { numRuns: 300 },
      )
    },
    hangMs,
  )

  it(
    'a parked instance always wakes once the windows have been reset',
    () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 3, maxLength: 3 }),
          (resets) => {
            const run = working(0)
            for (const [index, instance] of [one, two].entries())
              fail(run, quota(run.at + (resets[index] ?? 1) * minutes), instance)
            run.later(92 * minutes)
            for (const instance of [one, two]) {
              if (run.instance(instance).phase.name === 'rate-limited') replaced(run, instance)
              expect(run.instance(instance).phase.name).toBe('prompted')
            }
          },
        ),
      )
    },
    hangMs,
  )
})
