import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../test/support/run.ts'
import { timeouts } from '../model/policy.ts'
import { nextAlarm } from './deadlines.ts'

const minute = 60_000
const reportEveryMs = 5_000

const starting = () => new Run({ workerCount: 1 })
const reports = (run: Run): Run => run.when({ type: 'workspace-progressed', ...run.from(one) })

/** The tools report every 5 s that the preparation of the workspace moves on. */
function prepares(run: Run, ms: number): Run {
  for (let passed = 0; passed < ms; passed += reportEveryMs) {
    run.later(reportEveryMs)
    reports(run)
  }
  return run
}

describe('a start that prepares a large workspace', () => {
  it('may take as long as the preparation moves on, and is complete after it', () => {
    const run = prepares(starting(), 60 * minute)
    expect(run.instance(one)).toMatchObject({
      launch: 1,
      failures: [],
      phase: { name: 'starting' },
    })
    expect(run.comesUp(one).instance(one).phase.name).toBe('ready')
  })

  it('goes on when a report comes just before the limit', () => {
    const run = prepares(starting(), 20_000)
    for (let time = 0; time < 3; time += 1) {
      run.later(8_000).later(run.state.policy.startTimeoutMs - 9_000)
      expect(run.instance(one).phase.name).toBe('starting')
      reports(run)
    }
    expect(run.instance(one)).toMatchObject({ launch: 1, failures: [] })
  })

  it('fails like any other one when nothing has moved for the time of a start', () => {
    const run = prepares(starting(), 10 * minute)
    const { startTimeoutMs } = run.state.policy
    run.later(8_000)
    expect(run.asked('probe-instance')).toMatchObject([{ instance: one }])
    run.later(startTimeoutMs - 9_000)
    expect(run.instance(one).phase.name).toBe('starting')
    expect(run.later(1_000).instance(one)).toMatchObject({
      failures: [run.at],
      phase: { name: 'backing-off', reason: expect.stringContaining('workspace') },
    })
  })

  it('ends after four hours without counting as a failure: the next start continues it', () => {
    const run = starting()
    const begun = run.at
    prepares(run, timeouts.preparationMs)
    expect(run.at).toBe(begun + timeouts.preparationMs)
    expect(run.instance(one)).toMatchObject({ failures: [], phase: { name: 'backing-off' } })
    expect(run.later(minute).instance(one)).toMatchObject({ launch: 2, failures: [] })
  })

  it('has its session late, and then the usual time for its tools', () => {
    const run = prepares(starting(), timeouts.preparationMs - reportEveryMs)
    run.when({ type: 'session-started', source: 'startup', ...run.from(one) })
    expect(reports(run).ignored).toContain('starting')
    run.later(30_000)
    expect(run.instance(one).phase.name).toBe('starting')
    expect(run.later(minute).instance(one).failures).toHaveLength(1)
  })

  it('gets no longer by a clock that is set back', () => {
    const run = reports(starting().later(0))
    run.at -= 60 * minute
    run.later(0).later(8_000)
    expect(run.later(run.state.policy.startTimeoutMs - 8_000).instance(one).failures).toHaveLength(
      1,
    )
  })

  it('has an alarm in the future after a long sleep of the machine', () => {
    const run = prepares(starting(), timeouts.preparationMs - minute)
    run.at += 24 * 60 * minute
    run.later(0)
    expect(nextAlarm(run.state)).toBeGreaterThan(run.at)
    expect(run.instance(one)).toMatchObject({ failures: [], pauses: [], launch: 1 })
  })
})

describe('a report of progress', () => {
  it('changes nothing once the instance runs', () => {
    const run = starting()
      .planned([planned('a')])
      .confirmed(one)
    expect(reports(run).ignored).toContain('working')
  })
})
