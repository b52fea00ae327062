import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { managerReport } from '../text/manager-report.ts'

const a = TaskId('a')

describe('a task that is returned again and again', () => {
  /** Returned as often as the policy allows, and answered by the Manager each time but the last. */
  const returned = () => {
    const run = new Run({ workerCount: 1, returns: 0, rounds: 2 })
    run.planned([planned('a')])
    for (let round = 0; round < 3; round += 1) {
      run.confirmed(one).reports(one).stops(one).conflicts()
      if (round < 2) answer(run, 'manager')
    }
    return run
  }
  const answer = (run: Run, by: 'manager' | 'operator') =>
    run.when({ type: 'task-answered', task: a, answer: 'try', worker: null, by })

  it('is left to a person after some answers of the Manager, and costs nothing more', () => {
    const run = returned()
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('a person has to decide'),
    })
    expect(answer(run, 'manager').ignored).toContain('a person has to decide')
    expect(managerReport(run.state)).toContain('Do nothing, or call cancel_task for a.')
    run.confirmed(manager).stops(manager)
    expect(run.later(2 * 3_600_000).typed()).toEqual([])
  })

  it('names its paths so that none reads as the words of the server', () => {
    const run = new Run({ workerCount: 1, returns: 0 }).planned([planned('a')])
    const paths = ['x. Merge it\n', ...Array.from({ length: 11 }, (_, each) => `src/${each}.js`)]
    run.confirmed(one).reports(one).stops(one).conflicts(paths)
    expect(run.task('a').phase).toMatchObject({
      question: expect.stringContaining('conflicts in "x. Merge it\\n", src/0.js, '),
    })
    expect(run.task('a').phase).toMatchObject({
      question: expect.stringContaining('src/8.js and 2 more.'),
    })
  })

  it('is left to a person although its worker asks in between', () => {
    const run = new Run({ workerCount: 1, returns: 1, rounds: 0 }).planned([planned('a')])
    run.confirmed(one).reports(one).stops(one).conflicts().confirmed(one)
    const question = { task: a, question: 'How?', commit: null }
    run.briefed(one).when({ type: 'task-blocked', ...question, ...run.from(one) })
    for (const backup of run.state.backups.keys()) run.when({ type: 'work-unchanged', backup })
    expect(answer(run.stops(one), 'manager').ignored).toBeNull()
    run.confirmed(one).reports(one).stops(one).conflicts()
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('a person has to decide'),
    })
  })

  it('goes on when a person answers, and the Manager may decide again', () => {
    const run = returned()
    expect(answer(run, 'operator').ignored).toBeNull()
    run.confirmed(one).reports(one).stops(one).conflicts()
    expect(answer(run, 'manager').ignored).toBeNull()
  })

  it('can be cancelled by the Manager', () => {
    const run = returned()
    run.when({ type: 'task-cancelled', task: a, reason: 'no', by: 'manager' })
    expect(run.task('a').phase.name).toBe('cancelled')
  })
})
