import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  quota,
  replaced,
  withBusyManager,
  working,
} from '../../../test/support/limits.ts'
import { one, planned, Run, two } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('a used-up window', () => {
  it('parks the instance when no credential is available, and wakes it at the first reset', () => {
    const run = withBusyManager(working(0))
    fail(run, quota(run.at + 30 * minutes))
    expect(run.instance(one)).toMatchObject({
      credential: null,
      phase: { name: 'rate-limited', wait: 'parked' },
    })
    expect(run.later(29 * minutes).typed()).toEqual([])
    run.later(1 * minutes)
    expect(run.typed()).toMatchObject([{ instance: one, prompt: { purpose: 'resume' } }])
  })

  it('takes the credential of an idle worker, which gets one again when there is room', () => {
    const run = new Run({ workerCount: 2 }, 3).planned([planned('a')]).confirmed(one)
    const lent = held(run, two)
    fail(run, quota(run.at + 30 * minutes))
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: lent }])
    expect(run.instance(two).credential).toBeNull()
    replaced(run)
    expect(run.later(30 * minutes).asked('replace-credential')).toMatchObject([{ instance: two }])
  })

  it('wakes a parked instance as soon as a new credential appears', () => {
    const run = withBusyManager(working(0))
    fail(run, quota(run.at + 300 * minutes))
    const files = [...run.state.credentials.values()].map(({ id, kind }) => ({ id, kind }))
    run.when({
      type: 'credentials-changed',
      credentials: [...files, { id: CredentialId('new'), kind: 'api-key' }],
      changed: [],
    })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'new' }])
  })
})
