import { describe, expect, it } from 'vitest'
import { fail, held, minutes, quota, working } from '../../../test/support/limits.ts'
import { manager, one, Run, two } from '../../../test/support/run.ts'
import { poolHints } from './pool-hints.ts'

describe('a run', () => {
  it('needs nothing while another credential has room', () => {
    const run = working(1)
    fail(run, { kind: 'rejected' })
    expect(poolHints(run.state)).toBeNull()
  })

  it('needs nothing while somebody waits for a reset', () => {
    const run = working(0)
    fail(run, quota(run.at + 30 * minutes))
    fail(run, { kind: 'spent' }, two)
    expect(poolHints(run.state)).toBeNull()
  })

  it('says which credentials those who wait need, and what to do about each', () => {
    const run = working(0)
    const refused = held(run)
    const spent = held(run, two)
    fail(run, { kind: 'rejected' })
    fail(run, { kind: 'spent' }, two)
    expect(poolHints(run.state)).toBe(
      'no credential is left for those who wait; ' +
        `${refused}: the provider refuses it: put a valid credential into the file ${refused}, it is read at once; ` +
        `${spent}: its credit or spending limit is used up: add to it, then POST /api/v1/credentials/${spent}/enable, or put another one ` +
        `into the file ${spent}; the run has lost nothing and goes on as soon as one is good again`,
    )
    run.when({ type: 'credential-enabled', credential: spent })
    fail(run, { kind: 'rejected' }, manager)
    expect(poolHints(run.state)).toContain('no credential is left for those who wait')
  })

  it('says so when the whole pool is out of use, without naming more than a few', () => {
    const run = new Run({ workerCount: 5 }, 9)
    for (const id of run.state.credentials.keys())
      run.when({ type: 'credential-disabled', credential: id, reason: 'mine' })
    expect(poolHints(run.state)).toMatch(
      /^no credential is left; key-1: it is disabled; .*key-5: it is disabled; 4 more; the run has lost nothing/,
    )
    expect(run.instance(one).phase.name).toBe('starting')
  })
})
