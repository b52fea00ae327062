import { describe, expect, it } from 'vitest'
import { Run } from '../../../test/support/run.ts'
import { managerId, workerId } from './ids.ts'
import { roleNames, teamOf, traitsOf } from './roles.ts'

describe('the team of a policy', () => {
  it('is the Manager and the workers, in the order in which they are served', () => {
    expect(teamOf({ workerCount: 2 })).toEqual([
      { id: managerId, role: 'manager', number: 0 },
      { id: workerId(1), role: 'worker', number: 1 },
      { id: workerId(2), role: 'worker', number: 2 },
    ])
  })

  it('is what a run starts with', () => {
    const { instances } = new Run({ workerCount: 3 }).state
    expect([...instances.keys()]).toEqual(teamOf({ workerCount: 3 }).map(({ id }) => id))
  })

  it.each([1, 7, 50])(
    'has an id of its own for each of %d workers and the Manager',
    (workerCount) => {
      const team = teamOf({ workerCount })
      expect(new Set(team.map(({ id }) => id)).size).toBe(workerCount + 1)
    },
  )
})

describe('a role', () => {
  const rolesWith = (
    trait: 'mayHoldTasks' | 'mayPlan' | 'lendsIdleCredential' | 'isStartedFirst',
  ) => roleNames.filter((role) => traitsOf(role)[trait])

  it('holds tasks only as a worker, so a reviewer holds none', () => {
    expect(rolesWith('mayHoldTasks')).toEqual(['worker'])
  })

  it('plans only as the Manager, which starts before idle workers keep a credential', () => {
    expect(rolesWith('mayPlan')).toEqual(['manager'])
    expect(rolesWith('isStartedFirst')).toEqual(['manager'])
  })

  it('lends its idle credential only if it is not started first', () => {
    expect(rolesWith('lendsIdleCredential')).toEqual(['manager', 'worker'])
  })

  it('numbered 0 has one instance at most', () => {
    const single = roleNames.filter((role) => traitsOf(role).firstNumber === 0)
    for (const role of single)
      expect(traitsOf(role).count({ workerCount: 50 })).toBeLessThanOrEqual(1)
  })
})
