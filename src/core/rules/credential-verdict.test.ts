import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  phaseOf,
  quota,
  replaced,
  withBusyManager,
  working,
} from '../../../test/support/limits.ts'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'

describe('a used-up window', () => {
  it('cools the credential until its reset; the instance rotates in its conversation', () => {
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
    expect(run.typed()).toMatchObject([
      { instance: one, prompt: { purpose: 'resume', way: 'typed' } },
    ])
    expect(run.task('a').attempts).toHaveLength(1)
  })

  it('moves the other holders of the credential without interrupting them', () => {
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

  it('of one model cools the credential too, since every instance uses that model', () => {
    const run = working(1)
    const before = held(run)
    fail(run, { kind: 'model-quota', until: run.at + minutes })
    expect(phaseOf(run, before)).toMatchObject({ name: 'cooling', window: 'model' })
  })

  it('reported by a subagent rotates the instance, but its turn continues', () => {
    const run = working(1)
    run.when({
      type: 'turn-failed',
      modelError: quota(run.at + minutes),
      message: '',
      inSubagent: true,
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one }])
  })
})

describe('a credential that the provider refuses', () => {
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

  it('is applied again when its file changes: Claude Code has the refused value', () => {
    const run = withBusyManager(working(0))
    const before = held(run)
    fail(run, { kind: 'rejected' })
    expect(run.instance(one)).toMatchObject({
      credential: null,
      phase: { name: 'rate-limited', wait: 'parked' },
    })
    const files = [...run.state.credentials.values()].map(({ id, kind: shape }) => ({
      id,
      kind: shape,
    }))
    run.when({ type: 'credentials-changed', credentials: files, changed: [before] })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: before }])
    expect(run.typed()).toEqual([])
    expect(replaced(run).typed()).toMatchObject([{ instance: one, prompt: { purpose: 'resume' } }])
  })

  it('is not withdrawn for an error of its old value while the new one is being applied', () => {
    const run = working(0)
    const before = held(run)
    const files = [...run.state.credentials.values()].map(({ id, kind: shape }) => ({
      id,
      kind: shape,
    }))
    run.when({ type: 'credentials-changed', credentials: files, changed: [before] })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: before }])
    fail(run, { kind: 'rejected' })
    expect(phaseOf(run, before)).toMatchObject({ name: 'leased' })
    expect(replaced(run).typed()).toMatchObject([{ instance: one, prompt: { purpose: 'resume' } }])
  })

  it('is tried again by a restarted server, since its file may have been corrected', () => {
    const run = working(1)
    const before = held(run)
    fail(run, { kind: 'rejected' }).start()
    expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })

    const parked = withBusyManager(working(0))
    const refused = held(parked)
    fail(parked, { kind: 'rejected' }).start()
    expect(parked.asked('replace-credential')).toMatchObject([
      { instance: one, credential: refused },
    ])
  })
})

describe('an operator', () => {
  it('disables a credential, and its holder moves to another one', () => {
    const run = working(1)
    const before = held(run)
    run.when({ type: 'credential-disabled', credential: before, reason: 'it is mine' })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
    run.when({ type: 'credential-enabled', credential: before })
    expect(phaseOf(run, before)).toMatchObject({ name: 'fresh' })
  })
})
