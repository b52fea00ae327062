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
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('a used-up window', () => {
  it('cools the credential until its reset, and the instance goes on with another one in the same conversation', () => {
    const run = working(1)
    const before = held(run)
    fail(run, quota(run.at + 30 * minutes))
    expect(phaseOf(run, before)).toMatchObject({
      name: 'cooling',
      until: run.at + 30 * minutes,
      window: 'five-hour',
    })
    expect(run.asked('replace-credential')).toEqual([
      { type: 'replace-credential', ...run.from(one), credential: 'key-4' },
    ])
    replaced(run)
    expect(run.asked('send-prompt')).toMatchObject([
      { instance: one, prompt: { purpose: 'resume', way: 'typed' } },
    ])
    expect(run.task('a').attempts).toHaveLength(1)
  })

  it('moves whoever else holds the credential before they hit the wall, and interrupts nothing', () => {
    const run = new Run({ workerCount: 2, instancesPerCredential: 3 }, 2)
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    const shared = held(run, two)
    expect(run.state.credentials.get(shared)?.leases).toEqual([manager, two])
    fail(run, quota(run.at + 30 * minutes), two)
    expect(run.asked('replace-credential').map(({ instance }) => instance)).toEqual([manager, two])
    expect(run.instance(manager).phase.name).toBe('ready')
  })

  it('parks the instance when no credential is left, and wakes it at the first reset', () => {
    const run = working(0)
    fail(run, quota(run.at + 30 * minutes))
    expect(run.instance(one)).toMatchObject({
      credential: null,
      phase: { name: 'limited', wait: 'park' },
    })
    expect(run.later(29 * minutes).asked('send-prompt')).toEqual([])
    run.later(1 * minutes)
    expect(run.asked('send-prompt')).toMatchObject([
      { instance: one, prompt: { purpose: 'resume' } },
    ])
  })

  it('takes the credential of a worker that has nothing to do, and gives it back when there is room again', () => {
    const run = new Run({ workerCount: 2 }, 3).planned([planned('a')]).confirmed(one)
    const lent = held(run, two)
    fail(run, quota(run.at + 30 * minutes))
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: lent }])
    expect(run.instance(two).credential).toBeNull()
    expect(run.later(30 * minutes).asked('replace-credential')).toMatchObject([{ instance: two }])
  })

  it('wakes a parked instance as soon as a new credential appears', () => {
    const run = working(0)
    fail(run, quota(run.at + 300 * minutes))
    const files = [...run.state.credentials.values()].map(({ id, kind }) => ({ id, kind }))
    run.when({
      type: 'credentials-changed',
      credentials: [...files, { id: CredentialId('new'), kind: 'api-key' }],
      changed: [],
    })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'new' }])
  })

  it('of one model costs the credential all the same, since every instance uses the one model', () => {
    const run = working(1)
    const before = held(run)
    fail(run, { kind: 'model-quota', until: run.at + minutes })
    expect(phaseOf(run, before)).toMatchObject({ name: 'cooling', window: 'model' })
  })

  it('met by a subagent moves the instance, but its turn goes on', () => {
    const run = working(1)
    run.when({
      type: 'turn-failed',
      trouble: quota(run.at + minutes),
      message: '',
      inSubagent: true,
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one }])
  })
})

describe('a swap', () => {
  it('that Claude Code does not take costs the launch, and the next one starts with the new credential', () => {
    const run = working(1)
    fail(run, quota(run.at + 30 * minutes))
    run.when({
      type: 'credential-not-replaced',
      credential: CredentialId('key-4'),
      reason: 'not read',
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('resting')
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { credential: 'key-4', resume: true },
    ])
  })

  it('is asked for again by a server that starts in the middle of it', () => {
    const run = working(1)
    fail(run, quota(run.at + 30 * minutes)).start()
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
  })

  it('that seems refused at once is tried with a new launch before the credential is given up', () => {
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

  it('does not blame the new credential for what the old one met', () => {
    const run = working(2)
    const before = held(run)
    run.when({ type: 'instance-moved', instance: one, credential: CredentialId('key-4') })
    fail(run, quota(run.at + minutes))
    expect(phaseOf(run, before)).toMatchObject({ name: 'cooling' })
    expect(phaseOf(run, CredentialId('key-4'))).toMatchObject({ name: 'leased' })
  })
})

describe('what is not the credential’s fault', () => {
  it.each(['overloaded', 'unreachable'] as const)(
    '%s is waited out with the same credential, ever longer',
    (kind) => {
      const run = working(1)
      const before = held(run)
      for (const pause of [1_000, 2_000, 4_000]) {
        fail(run, { kind })
        expect(run.instance(one).phase).toMatchObject({
          name: 'limited',
          wait: 'pause',
          until: run.at + pause,
        })
        run.later(pause).confirmed(one)
      }
      expect(held(run)).toBe(before)
    },
  )

  it('takes no instance out of service, however long it lasts', () => {
    const run = working(1)
    for (let count = 0; count < 8; count += 1)
      fail(run, { kind: 'overloaded' }).later(60_000).confirmed(one)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ name: 'resting' })
  })

  it('of the conversation’s own making ends with a new conversation', () => {
    const run = working(1)
    for (let count = 0; count < 5; count += 1) {
      fail(run, { kind: 'other' })
      if (run.instance(one).phase.name === 'limited') run.later(60_000).confirmed(one)
    }
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { instance: one, resume: false },
    ])
  })

  it('throttled waits once, then hops once, then waits', () => {
    const run = working(2)
    const first = held(run)
    fail(run, { kind: 'throttled' }).later(1_000).confirmed(one)
    fail(run, { kind: 'throttled' })
    expect(held(run)).not.toBe(first)
    const second = held(run)
    replaced(run).confirmed(one)
    fail(run, { kind: 'throttled' })
    expect(held(run)).toBe(second)
    expect(run.instance(one).phase).toMatchObject({ wait: 'pause' })
  })
})

describe('a credential that is good for nothing', () => {
  it.each(['rejected', 'spent'] as const)(
    '%s is taken out of use until its file changes',
    (kind) => {
      const run = working(1)
      const before = held(run)
      fail(run, { kind })
      expect(phaseOf(run, before)).toMatchObject({ name: kind, reason: `${kind}: said so` })
      run.later(600 * minutes)
      expect(phaseOf(run, before)).toMatchObject({ name: kind })
      const files = [...run.state.credentials.values()].map(({ id, kind: shape }) => ({
        id,
        kind: shape,
      }))
      run.when({ type: 'credentials-changed', credentials: files, changed: [before] })
      expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })
    },
  )

  it('is put in place anew when its file changes, since Claude Code still has what was refused', () => {
    const run = working(0)
    const before = held(run)
    fail(run, { kind: 'rejected' })
    expect(run.instance(one)).toMatchObject({
      credential: null,
      phase: { name: 'limited', wait: 'park' },
    })
    const files = [...run.state.credentials.values()].map(({ id, kind: shape }) => ({
      id,
      kind: shape,
    }))
    run.when({ type: 'credentials-changed', credentials: files, changed: [before] })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: before }])
    expect(run.asked('send-prompt')).toEqual([])
    expect(replaced(run).asked('send-prompt')).toMatchObject([
      { instance: one, prompt: { purpose: 'resume' } },
    ])
  })

  it('is not blamed again for what its last value met while the new one was on its way', () => {
    const run = working(0)
    const before = held(run)
    const files = [...run.state.credentials.values()].map(({ id, kind: shape }) => ({
      id,
      kind: shape,
    }))
    run.when({ type: 'credentials-changed', credentials: files, changed: [before] })
    fail(run, { kind: 'rejected' })
    expect(phaseOf(run, before)).toMatchObject({ name: 'leased' })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: before }])
    expect(replaced(run).asked('send-prompt')).toMatchObject([
      { instance: one, prompt: { purpose: 'resume' } },
    ])
  })

  it('is tried once more by a server that starts, since its file may have been mended meanwhile', () => {
    const run = working(1)
    const before = held(run)
    fail(run, { kind: 'rejected' }).start()
    expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })

    const parked = working(0)
    const refused = held(parked)
    fail(parked, { kind: 'rejected' }).start()
    expect(parked.asked('replace-credential')).toMatchObject([
      { instance: one, credential: refused },
    ])
  })
})

describe('the gateway', () => {
  it('gets the next credential in the decision that takes the refusal', () => {
    const run = working(1, { credentials: 'gateway' })
    const before = held(run)
    run.when({
      type: 'gateway-refused',
      credential: before,
      trouble: quota(run.at + minutes),
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
  it('makes an instance hop once, not back and forth with every request', () => {
    const run = working(2, { credentials: 'gateway' })
    const refuse = () =>
      run.when({
        type: 'gateway-refused',
        credential: held(run),
        trouble: { kind: 'throttled' },
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

describe('a login with a refresh token', () => {
  it('is held by one instance at a time, however many may share other credentials', () => {
    const run = new Run({ workerCount: 2, instancesPerCredential: 3 }, 1)
    const login = { id: CredentialId('login'), kind: 'login' }
    run.when({ type: 'credentials-changed', credentials: [login], changed: [] })
    expect(run.state.credentials.get(login.id)?.capacity).toBe(1)
  })
})

describe('an operator', () => {
  it('disables a credential, and whoever holds it moves', () => {
    const run = working(1)
    const before = held(run)
    run.when({ type: 'credential-disabled', credential: before, reason: 'it is mine' })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
    run.when({ type: 'credential-enabled', credential: before })
    expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })
  })

  it('is told when nothing has room', () => {
    const run = working(0)
    run.when({ type: 'instance-moved', instance: one, credential: null })
    expect(run.ignored).toBe('no other credential with room for worker-1')
  })
})
