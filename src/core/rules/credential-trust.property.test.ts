import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { held, minutes, phaseOf, quota, replaced, working } from '../../../test/support/limits.ts'
import { one, planned, Run, two } from '../../../test/support/run.ts'
import type { ModelError } from '../model/model-error.ts'

const days = 24 * 60 * minutes

/** Only ends a hang: on an idle machine, the property takes a few seconds. */
const hangMs = 120_000

/** Two workers, each working on a task, with a large pool. */
const rich = () =>
  new Run({ workerCount: 2 }, 12)
    .planned([planned('a'), planned('b')])
    .confirmed(one)
    .confirmed(two)

const outOfUse = (run: Run) =>
  [...run.state.credentials.values()].filter(
    ({ phase }) => phase.name !== 'fresh' && phase.name !== 'leased',
  )

const report = (run: Run, error: ModelError, inSubagent = false, instance = one) =>
  run.when({
    type: 'turn-failed',
    modelError: error,
    message: 'made up',
    inSubagent,
    ...run.from(instance),
  })

/** The events that the core waits for of this instance arrive. */
const goOn = (run: Run) => {
  const { phase, credential, credentialInUse } = run.instance(one)
  if (credential !== null && credential !== credentialInUse && phase.name !== 'backing-off')
    replaced(run)
  if (run.instance(one).phase.name === 'prompted') run.confirmed(one)
}

describe('an instance that sends false reports about its credentials', () => {
  const error = fc.oneof(
    fc.constantFrom('rejected', 'spent', 'throttled').map((kind): ModelError => ({ kind })),
    fc.nat(400 * 24 * 60).map((wait): ModelError => quota(1_000_000 + wait * minutes)),
  )
  const lie = fc.oneof(
    fc.record({ type: fc.constant('failure' as const), error, inSubagent: fc.boolean() }),
    fc.record({
      type: fc.constant('window' as const),
      resets: fc.integer({ min: 1, max: 10_000 * 24 * 60 }),
    }),
    fc.record({ type: fc.constant('rest' as const), ms: fc.nat(90_000) }),
  )

  it(
    'keeps at most three out of use, for at most eight days, and disturbs no other instance',
    () => {
      fc.assert(
        fc.property(fc.array(lie, { size: 'max', minLength: 20, maxLength: 120 }), (lies) => {
          const run = rich()
          const others = held(run, two)
          for (const each of lies) {
            const { credentialInUse } = run.instance(one)
            if (each.type === 'failure') report(run, each.error, each.inSubagent)
            if (each.type === 'window' && credentialInUse !== null) {
              const resetsAt = run.at + each.resets * minutes
              run.when({
                type: 'window-seen',
                credential: credentialInUse,
                window: 'weekly',
                usedPercent: 100,
                resetsAt,
                by: one,
              })
            }
            if (each.type === 'rest') run.later(each.ms).allUp()
            run.when({ type: 'sign-of-life', ...run.from(two) })
            goOn(run)
            expect(outOfUse(run).length).toBeLessThanOrEqual(3)
            const untils = outOfUse(run).map(({ phase }) =>
              'until' in phase ? phase.until : run.at,
            )
            expect(Math.max(run.at, ...untils)).toBeLessThanOrEqual(run.at + 8 * days)
            expect(run.instance(two)).toMatchObject({
              credential: others,
              phase: { name: 'working' },
            })
          }
        }),
        { numRuns: 300 },
      )
    },
    hangMs,
  )
})

describe('an instance whose reports no longer count', () => {
  const distrusted = () => {
    const run = rich()
    for (let time = 0; time < 3; time += 1) {
      report(run, { kind: 'spent' })
      goOn(run)
    }
    // Without a person it is given no fourth one.
    run.when({ type: 'credentials-allowed', instance: one })
    goOn(run)
    return run
  }

  it('pauses longer each time, and then tries another credential', () => {
    const run = distrusted()
    for (const pause of [1_000, 2_000, 4_000]) {
      const before = held(run)
      report(run, { kind: 'spent' })
      expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })
      expect(held(run)).not.toBe(before)
      expect(run.instance(one).phase).toMatchObject({
        name: 'rate-limited',
        wait: 'retrying',
        until: run.at + pause,
      })
      replaced(run).later(pause)
      expect(run.instance(one).phase).toMatchObject({
        name: 'prompted',
        prompt: { purpose: 'resume' },
      })
      run.confirmed(one)
    }
    expect(outOfUse(run)).toHaveLength(3)
  })

  it('is trusted again when a credential is back in use', () => {
    const run = distrusted()
    const [spent] = outOfUse(run)
    if (spent) run.when({ type: 'credential-enabled', credential: spent.id })
    const before = held(run)
    report(run, { kind: 'spent' })
    expect(phaseOf(run, before)).toMatchObject({ name: 'spent' })
  })

  it('does not affect the trust in other instances', () => {
    const run = distrusted()
    const before = held(run, two)
    report(run, { kind: 'spent' }, false, two)
    expect(phaseOf(run, before)).toMatchObject({ name: 'spent', by: two })
  })

  const shared = () => {
    const run = new Run({ workerCount: 2, instancesPerCredential: 3 }, 2)
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    run.when({ type: 'instance-moved', instance: one, credential: run.instance(two).credential })
    replaced(run)
    expect(held(run, two)).toBe(held(run))
    return run
  }

  it('gains no count when another instance reports the same credential', () => {
    const run = shared()
    const credential = held(run)
    report(run, { kind: 'spent' })
    expect(phaseOf(run, credential)).toMatchObject({ name: 'spent', by: one })
    report(run, { kind: 'spent' }, false, two)
    expect(phaseOf(run, credential)).toMatchObject({ name: 'spent', by: null })
  })

  it.each([
    [quota(1_000_000 + 30 * minutes), { kind: 'spent' }],
    [quota(1_000_000 + 30 * minutes), quota(1_000_000 + 90 * minutes)],
    [{ kind: 'spent' }, quota(1_000_000 + 30 * minutes)],
  ] as const)(
    'cannot worsen the report of another instance: the milder of %j and %j stands',
    (first, second) => {
      const run = shared()
      const credential = held(run)
      report(run, first, false, two)
      report(run, second)
      expect(phaseOf(run, credential)).toMatchObject({
        name: 'cooling',
        until: 1_000_000 + 30 * minutes,
        by: null,
      })
    },
  )
})

describe('an instance that provokes refusals through the gateway', () => {
  const refuse = (run: Run, error: ModelError) =>
    run.when({
      type: 'gateway-refused',
      credential: held(run),
      modelError: error,
      ...run.from(one),
    })

  it('takes three credentials out of use, and after that only rotates each time', () => {
    const run = working(10, { credentials: 'gateway' })
    const used = new Set([held(run)])
    for (let time = 0; time < 30; time += 1) {
      refuse(run, { kind: 'rejected' })
      used.add(held(run))
    }
    expect(outOfUse(run).map(({ phase }) => phase.name)).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ])
    expect(used.size).toBeGreaterThan(4)
  })

  it('cannot invent a used-up window, so that refusal always counts', () => {
    const run = working(10, { credentials: 'gateway' })
    for (let time = 0; time < 6; time += 1) refuse(run, quota(run.at + minutes))
    expect(outOfUse(run)).toHaveLength(6)
  })
})

describe('a credential that an operator disabled', () => {
  it('stays disabled after any report about it', () => {
    const run = rich()
    const before = held(run)
    run.when({ type: 'credential-disabled', credential: before, reason: 'it is mine' })
    report(run, quota(run.at + minutes))
    expect(phaseOf(run, before)).toMatchObject({ name: 'disabled' })
    replaced(run).later(5 * minutes)
    expect(phaseOf(run, before)).toMatchObject({ name: 'disabled' })
  })
})
