import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  phaseOf,
  quota,
  replaced,
  working,
} from '../../../test/support/limits.ts'
import { one } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('a rotation', () => {
  it('that Claude Code does not confirm restarts it with the new credential', () => {
    const run = working(1)
    fail(run, quota(run.at + 30 * minutes))
    run.when({
      type: 'credential-not-replaced',
      credential: CredentialId('key-4'),
      reason: 'not read',
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('backing-off')
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { credential: 'key-4', resume: true },
    ])
  })

  it('is issued again by a server that restarts during it', () => {
    const run = working(1)
    fail(run, quota(run.at + 30 * minutes)).start()
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
  })

  it('whose credential is rejected is retried in a new launch before it is withdrawn', () => {
    const run = working(1)
    fail(run, quota(run.at + 30 * minutes))
    replaced(run).confirmed(one)
    fail(run, { kind: 'rejected' })
    expect(phaseOf(run, CredentialId('key-4'))).toMatchObject({ name: 'leased' })
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { instance: one, credential: 'key-4', resume: true },
    ])
    run.comesUp(one, 'resume').confirmed(one)
    fail(run, { kind: 'rejected' })
    expect(phaseOf(run, CredentialId('key-4'))).toMatchObject({ name: 'rejected' })
  })

  it('does not count an error of the old credential against the new one', () => {
    const run = working(2)
    const before = held(run)
    run.when({ type: 'instance-moved', instance: one, credential: CredentialId('key-4') })
    fail(run, quota(run.at + minutes))
    expect(phaseOf(run, before)).toMatchObject({ name: 'cooling' })
    expect(phaseOf(run, CredentialId('key-4'))).toMatchObject({ name: 'leased' })
  })
})

describe('an error that is not the credential’s fault', () => {
  it.each(['overloaded', 'unreachable'] as const)(
    '%s is waited out with the same credential, longer each time',
    (kind) => {
      const run = working(1)
      const before = held(run)
      for (const pause of [1_000, 2_000, 4_000]) {
        fail(run, { kind })
        expect(run.instance(one).phase).toMatchObject({
          name: 'rate-limited',
          wait: 'retrying',
          until: run.at + pause,
        })
        run.later(pause).confirmed(one)
      }
      expect(held(run)).toBe(before)
    },
  )

  it('quarantines no instance, however long it lasts', () => {
    const run = working(1)
    for (let count = 0; count < 8; count += 1)
      fail(run, { kind: 'overloaded' }).later(60_000).confirmed(one)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ name: 'backing-off' })
  })

  it('caused by the conversation ends with a new conversation', () => {
    const run = working(1)
    for (let count = 0; count < 5; count += 1) {
      fail(run, { kind: 'other' })
      if (run.instance(one).phase.name === 'rate-limited') run.later(60_000).confirmed(one)
    }
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { instance: one, resume: false },
    ])
  })

  it('throttled waits once, then rotates once, then waits', () => {
    const run = working(2)
    const first = held(run)
    fail(run, { kind: 'throttled' }).later(1_000).confirmed(one)
    fail(run, { kind: 'throttled' })
    expect(held(run)).not.toBe(first)
    const second = held(run)
    replaced(run).confirmed(one)
    fail(run, { kind: 'throttled' })
    expect(held(run)).toBe(second)
    expect(run.instance(one).phase).toMatchObject({ wait: 'retrying' })
  })
})

describe('the gateway', () => {
  it('gets the next credential in the same decision as the refusal', () => {
    const run = working(1, { credentials: 'gateway' })
    const before = held(run)
    run.when({
      type: 'gateway-refused',
      credential: before,
      modelError: quota(run.at + minutes),
      ...run.from(one),
    })
    expect(run.instance(one)).toMatchObject({
      credential: 'key-4',
      credentialInUse: 'key-4',
      phase: { name: 'working' },
    })
    expect(run.commands).toEqual([])
  })
})

describe('throttling through the gateway', () => {
  it('rotates an instance once, not with every request', () => {
    const run = working(2, { credentials: 'gateway' })
    const refuse = () =>
      run.when({
        type: 'gateway-refused',
        credential: held(run),
        modelError: { kind: 'throttled' },
        ...run.from(one),
      })
    const first = held(run)
    refuse()
    const second = held(run)
    expect(second).not.toBe(first)
    refuse()
    refuse()
    expect(held(run)).toBe(second)
  })
})

describe('an operator', () => {
  it('gets a reason when no credential has room', () => {
    const run = working(0)
    run.when({ type: 'instance-moved', instance: one, credential: null })
    expect(run.ignored).toBe('no other credential with room for worker-1')
  })
})
