import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { held, minutes, phaseOf, quota, replaced, working } from '../../../test/support/limits.ts'
import { one, planned, Run, two } from '../../../test/support/run.ts'
import type { ModelError } from '../model/model-error.ts'

const days = 24 * 60 * minutes

/** Two workers in the middle of a task each, in a large pool. */
const rich = () =>
  new Run({ workerCount: 2 }, 12)
    .planned([planned('a'), planned('b')])
    .confirmed(one)
    .confirmed(two)

const outOfUse = (run: Run) =>
  [...run.state.credentials.values()].filter(
    ({ phase }) => phase.name !== 'fresh' && phase.name !== 'leased',
  )

const say = (run: Run, trouble: ModelError, inSubagent = false, instance = one) =>
  run.when({ type: 'turn-failed', trouble, message: 'made up', inSubagent, ...run.from(instance) })

/** Whatever the core waits for of this instance happens. */
const goOn = (run: Run) => {
  const { phase, credential, credentialInUse } = run.instance(one)
  if (credential !== null && credential !== credentialInUse && phase.name !== 'resting')
    replaced(run)
  if (run.instance(one).phase.name === 'prompted') run.confirmed(one)
}

describe('an instance that lies about its credentials', () => {
  const trouble = fc.oneof(
    fc.constantFrom('rejected', 'spent', 'throttled').map((kind): ModelError => ({ kind })),
    fc.nat(400 * 24 * 60).map((wait): ModelError => quota(1_000_000 + wait * minutes)),
  )
  const lie = fc.oneof(
    fc.record({ type: fc.constant('failure' as const), trouble, inSubagent: fc.boolean() }),
    fc.record({
      type: fc.constant('window' as const),
      resets: fc.integer({ min: 1, max: 10_000 * 24 * 60 }),
    }),
    fc.record({ type: fc.constant('rest' as const), ms: fc.nat(90_000) }),
  )

  it('never has more than three of them out of use, none for more than eight days, and disturbs nobody else', () => {
    fc.assert(
      fc.property(fc.array(lie, { size: 'max', minLength: 20, maxLength: 120 }), (lies) => {
        const run = rich()
        const others = held(run, two)
        for (const each of lies) {
          const { credentialInUse } = run.instance(one)
          if (each.type === 'failure') say(run, each.trouble, each.inSubagent)
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
          const untils = outOfUse(run).map(({ phase }) => ('until' in phase ? phase.until : run.at))
          expect(Math.max(run.at, ...untils)).toBeLessThanOrEqual(run.at + 8 * days)
          expect(run.instance(two)).toMatchObject({
            credential: others,
            phase: { name: 'working' },
          })
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('an instance whose word is not enough any more', () => {
  const doubted = () => {
    const run = rich()
    for (let time = 0; time < 3; time += 1) {
      say(run, { kind: 'spent' })
      goOn(run)
    }
    return run
  }

  it('waits ever longer and tries another credential then', () => {
    const run = doubted()
    for (const pause of [1_000, 2_000, 4_000]) {
      const before = held(run)
      say(run, { kind: 'spent' })
      expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })
      expect(held(run)).not.toBe(before)
      expect(run.instance(one).phase).toMatchObject({
        name: 'limited',
        wait: 'pause',
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

  it('is believed again when a credential is back in use', () => {
    const run = doubted()
    const [spent] = outOfUse(run)
    if (spent) run.when({ type: 'credential-enabled', credential: spent.id })
    const before = held(run)
    say(run, { kind: 'spent' })
    expect(phaseOf(run, before)).toMatchObject({ name: 'spent' })
  })

  it('keeps no other instance from being believed', () => {
    const run = doubted()
    const before = held(run, two)
    say(run, { kind: 'spent' }, false, two)
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

  it('is not alone where another one has found the same', () => {
    const run = shared()
    const credential = held(run)
    say(run, { kind: 'spent' })
    expect(phaseOf(run, credential)).toMatchObject({ name: 'spent', by: one })
    say(run, { kind: 'spent' }, false, two)
    expect(phaseOf(run, credential)).toMatchObject({ name: 'spent', by: null })
  })

  it.each([
    [quota(1_000_000 + 30 * minutes), { kind: 'spent' }],
    [quota(1_000_000 + 30 * minutes), quota(1_000_000 + 90 * minutes)],
    [{ kind: 'spent' }, quota(1_000_000 + 30 * minutes)],
  ] as const)(
    'makes nothing worse that another one has said: the milder of %j and %j stands',
    (first, second) => {
      const run = shared()
      const credential = held(run)
      say(run, first, false, two)
      say(run, second)
      expect(phaseOf(run, credential)).toMatchObject({
        name: 'cooling',
        until: 1_000_000 + 30 * minutes,
        by: null,
      })
    },
  )
})

describe('an instance that provokes refusals through the gateway', () => {
  const refuse = (run: Run, trouble: ModelError) =>
    run.when({ type: 'gateway-refused', credential: held(run), trouble, ...run.from(one) })

  it('has three credentials out of use for it, and after that is given another one each time', () => {
    const run = working(10, { credentials: 'gateway' })
    const lent = new Set([held(run)])
    for (let time = 0; time < 30; time += 1) {
      refuse(run, { kind: 'rejected' })
      lent.add(held(run))
    }
    expect(outOfUse(run).map(({ phase }) => phase.name)).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ])
    expect(lent.size).toBeGreaterThan(4)
  })

  it('cannot make up that a window is used up, so that is believed always', () => {
    const run = working(10, { credentials: 'gateway' })
    for (let time = 0; time < 6; time += 1) refuse(run, quota(run.at + minutes))
    expect(outOfUse(run)).toHaveLength(6)
  })
})

describe('what a human has put out of use', () => {
  it('stays so, whatever is said of it afterwards', () => {
    const run = rich()
    const before = held(run)
    run.when({ type: 'credential-disabled', credential: before, reason: 'it is mine' })
    say(run, quota(run.at + minutes))
    expect(phaseOf(run, before)).toMatchObject({ name: 'disabled' })
    replaced(run).later(5 * minutes)
    expect(phaseOf(run, before)).toMatchObject({ name: 'disabled' })
  })
})
