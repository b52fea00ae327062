import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../../test/support/run.ts'
import { viewInstance } from './instance.ts'

describe('an instance that starts', () => {
  it('shows that its workspace is being prepared, and when that last moved on', () => {
    const run = new Run({ workerCount: 1 })
    expect(viewInstance(run.instance(one), null).reason).toBeNull()
    run.later(5_000).when({ type: 'workspace-progressed', ...run.from(one) })
    expect(viewInstance(run.instance(one), null).reason).toBe(
      `its workspace is being prepared; it last moved on at ${new Date(run.at).toISOString()}`,
    )
    run.when({ type: 'session-started', source: 'startup', ...run.from(one) })
    expect(viewInstance(run.instance(one), null).reason).toBeNull()
  })
})

describe('an instance whose turn is silent and seen busy', () => {
  it('shows what it does, since when, and that it is interrupted', () => {
    const run = new Run({ workerCount: 1, busyMs: 1_200_000 }).planned([planned('a')])
    run.confirmed(one)
    const since = new Date(run.at).toISOString()
    const see = () => {
      run.later(600_000).when({ type: 'instance-busy', tool: 'npm test', ...run.from(one) })
      return viewInstance(run.instance(one), null)
    }
    expect(viewInstance(run.instance(one), null).busy).toBeNull()
    expect(see()).toMatchObject({
      phase: 'working',
      busy: { since, tool: 'npm test', isInterrupted: false },
    })
    expect(see()).toMatchObject({
      phase: 'working',
      busy: { since, tool: 'npm test', isInterrupted: true },
    })
  })
})
