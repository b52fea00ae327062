import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  quota,
  withBusyManager,
  working,
} from '../../../../test/support/limits.ts'
import { manager, one, Run, two } from '../../../../test/support/run.ts'
import type { CurlOf } from './curl.ts'
import { poolHints } from './pool-hints.ts'

const curl: CurlOf = ({ path }, { id = '' } = {}) => `curl ${path.replace(':id', id)}`

describe('a run', () => {
  it('needs nothing while another credential has room', () => {
    const run = working(1)
    fail(run, { kind: 'rejected' })
    expect(poolHints(run.state, curl)).toBeNull()
  })

  it('needs nothing while an instance waits for a reset', () => {
    const run = working(0)
    fail(run, quota(run.at + 30 * minutes))
    fail(run, { kind: 'spent' }, two)
    expect(poolHints(run.state, curl)).toBeNull()
  })

  it('names the credentials that waiting instances need, and what to do about each', () => {
    const run = withBusyManager(working(0))
    const refused = held(run)
    const spent = held(run, two)
    fail(run, { kind: 'rejected' })
    fail(run, { kind: 'spent' }, two)
    expect(poolHints(run.state, curl)).toBe(
      'no credential is left for the instances that wait ; ' +
        `${refused}: the provider refuses it: put a valid credential into the file ${refused}, ` +
        'which takes effect at once ; ' +
        `${spent}: its credit or spending limit is used up: put another credential into the file ` +
        `${spent}, or add credit and enable it: curl /api/v1/credentials/${spent}/enable ; ` +
        'the run has lost nothing and continues as soon as a credential is available',
    )
    run.when({ type: 'credential-enabled', credential: spent })
    fail(run, { kind: 'rejected' }, manager)
    expect(poolHints(run.state, curl)).toContain(
      'no credential is left for the instances that wait',
    )
  })

  it('says so when the whole pool is out of use, without naming more than a few', () => {
    const run = new Run({ workerCount: 5 }, 9)
    for (const id of run.state.credentials.keys())
      run.when({ type: 'credential-disabled', credential: id, reason: 'mine' })
    expect(poolHints(run.state, curl)).toMatch(
      /^no credential is left ; key-1: it is disabled; to enable it: curl .*key-1\/enable ; .*key-5\/enable ; 4 more ; the run has lost nothing/,
    )
    expect(run.instance(one).phase.name).toBe('starting')
  })
})
