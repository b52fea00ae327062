import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { type InstanceId, workerId } from '../model/ids.ts'
import type { Policy } from '../model/policy.ts'

const team = (workerCount: number, policy: Partial<Policy> = {}) =>
  new Run({ workerCount, startsAtOnce: 2, ...policy })
const phasesOf = (run: Run): readonly string[] =>
  [...run.state.instances.values()].map(({ phase }) => phase.name)
const lose = (run: Run, id: InstanceId) =>
  run.when({ type: 'instance-lost', cause: 'killed', blame: 'engine', ...run.from(id) })

describe('a team that is larger than what may start at once', () => {
  it('starts the Manager alone, then the workers in turn', () => {
    const run = team(4)
    expect(phasesOf(run)).toEqual(['starting', 'queued', 'queued', 'queued', 'queued'])
    run.comesUp(manager)
    expect(phasesOf(run)).toEqual(['prompted', 'starting', 'starting', 'queued', 'queued'])
    expect(run.comesUp(two).asked('start-instance')).toMatchObject([{ instance: workerId(3) }])
    expect(phasesOf(run)).toEqual(['prompted', 'starting', 'ready', 'starting', 'queued'])
  })

  it('keeps a credential for each start that waits', () => {
    const run = team(3)
    for (const { credential } of run.state.instances.values()) expect(credential).not.toBeNull()
  })

  it('goes on when a start fails', () => {
    const run = lose(team(4), manager)
    expect(phasesOf(run)).toEqual(['backing-off', 'starting', 'starting', 'queued', 'queued'])
    lose(run, one)
    expect(phasesOf(run)).toEqual(['backing-off', 'backing-off', 'starting', 'starting', 'queued'])
  })

  it('does not wait for a start that hangs', () => {
    const run = team(4)
    run.later(run.state.policy.startLookMs)
    expect(phasesOf(run)).toEqual(['starting', 'starting', 'starting', 'queued', 'queued'])
    run.later(run.state.policy.startLookMs)
    expect(phasesOf(run)).toEqual(['starting', 'starting', 'starting', 'starting', 'starting'])
  })

  it('does not wait for the checkout of a workspace', () => {
    const run = team(4).comesUp(manager)
    run.when({ type: 'workspace-progressed', ...run.from(one) })
    expect(run.instance(workerId(3)).phase.name).toBe('starting')
  })

  it('starts the Manager again beside whatever starts', () => {
    const run = lose(team(4).comesUp(manager), manager)
    expect(phasesOf(run)).toEqual(['backing-off', 'starting', 'starting', 'queued', 'queued'])
    run.later(1_000)
    expect(phasesOf(run)).toEqual(['starting', 'starting', 'starting', 'queued', 'queued'])
    run.comesUp(one).comesUp(two)
    expect(phasesOf(run)).toEqual(['starting', 'ready', 'ready', 'queued', 'queued'])
  })

  it('starts a worker that holds a task before the others', () => {
    const run = team(3, { startsAtOnce: 1 }).comesUp(manager)
    for (const id of [one, two, workerId(3)]) run.comesUp(id)
    run.planned([planned('a', { worker: 3 })]).confirmed(workerId(3))
    for (const id of [one, two, workerId(3)]) lose(run, id)
    expect(run.instance(workerId(3)).task).toBe('a')
    run.later(60_000)
    expect(phasesOf(run).slice(1)).toEqual(['queued', 'queued', 'starting'])
  })

  it('goes on after a restart of the server', () => {
    const run = team(4).start()
    expect(phasesOf(run)).toEqual(['starting', 'queued', 'queued', 'queued', 'queued'])
    expect(run.comesUp(manager).asked('start-instance')).toHaveLength(2)
  })

  it('starts none that the team no longer has', () => {
    const run = team(4).start({ ...team(4).state.policy, workerCount: 1 })
    expect(phasesOf(run)).toEqual(['starting', 'queued', 'stopping', 'stopping', 'stopping'])
  })

  it('waits for a credential when the one that it kept is gone', () => {
    const run = team(2, { startsAtOnce: 1 })
    run.when({ type: 'credentials-changed', credentials: [], changed: [] })
    expect(phasesOf(run)).toEqual(['starting', 'absent', 'absent'])
  })
})

describe('a team that fits', () => {
  it('starts at once', () => {
    expect(phasesOf(team(1))).toEqual(['starting', 'starting'])
  })
})
