import { describe, expect, it } from 'vitest'
import { commit, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { managerReport } from '../text/manager-report.ts'
import { hubTimeoutMs } from '../model/policy.ts'

describe('a report', () => {
  it('is ignored until its worker has fetched the brief', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    const report = { task: TaskId('a'), commit: commit('work-a'), summary: 's', ...run.from(one) }
    run.when({ type: 'task-reported', ...report })
    expect(run.ignored).toBe('worker-1 has not fetched the brief of task a')
    run.when({ type: 'task-progressed', task: TaskId('a'), note: 'n', ...run.from(one) })
    expect(run.task('a').progress).toBeNull()
    run.briefed(one).when({ type: 'task-reported', ...report })
    expect(run.task('a').phase.name).toBe('merging')
  })
})

describe('a report that no commit is needed', () => {
  const held = () =>
    new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b', { dependsOn: [TaskId('a')] })])
      .confirmed(one)
  const reportNoCommit = (run: Run) =>
    run.when({
      type: 'task-needs-no-commit',
      task: TaskId('a'),
      reason: 'main has it',
      ...run.from(one),
    })

  it('ends the task with the reason, which the Manager reads, and opens what depends on it', () => {
    const run = reportNoCommit(held().briefed(one))
    expect(run.task('a')).toMatchObject({
      phase: { name: 'done', by: 'worker', reason: 'main has it' },
      attempts: [{ outcome: 'reported' }],
    })
    expect(run.instance(one).task).toBeNull()
    expect(managerReport(run.state)).toContain('- a [done] worker-1: Build a — "main has it"')
    expect(run.task('b').phase.name).toBe('queued')
    expect(run.state.merges).toEqual([])
  })

  it('is ignored like any other before the brief is fetched', () => {
    expect(reportNoCommit(held()).ignored).toContain('has not fetched the brief')
  })

  it('is ignored when an earlier attempt left commits', () => {
    const run = held().briefed(one).reports(one).stops(one).conflicts().confirmed(one)
    expect(reportNoCommit(run.briefed(one)).ignored).toContain('has commits of an earlier attempt')
  })
})

describe('a task whose merge failed', () => {
  const task = TaskId('a')
  const merging = () =>
    new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
  const fail = (run: Run, mayHaveLanded: boolean) =>
    run.when({
      type: 'merge-failed',
      task,
      commit: commit('work-a'),
      reason: 'git did not answer',
      mayHaveLanded,
    })
  const cancel = (run: Run) =>
    run.when({ type: 'task-cancelled', task, reason: 'not needed', by: 'manager' })

  it('cannot be cancelled while the merge may be on the target', () => {
    const run = cancel(fail(merging(), true))
    expect(run.ignored).toContain('may be merged already')
    run.later(1_000).lands()
    expect(run.task('a').phase.name).toBe('merged')
  })

  it('cannot be cancelled after the merge gave no outcome in time', () => {
    const run = merging()
    run.later(hubTimeoutMs(run.state.policy))
    expect(run.state.merges[0]?.phase.name).toBe('failed')
    expect(cancel(run).ignored).toContain('may be merged already')
  })

  it('can be cancelled when the merge is certainly not on the target', () => {
    const run = cancel(fail(merging(), false))
    expect(run.ignored).toBeNull()
    expect(run.task('a').phase.name).toBe('cancelled')
    expect(run.state.merges).toEqual([])
  })
})

describe('a task that may undo what others changed', () => {
  const task = TaskId('a')
  const blocked = (replaces: readonly string[]) =>
    new Run({ workerCount: 1 })
      .planned([planned('a', { replaces })])
      .confirmed(one)
      .briefed(one)
      .when({
        type: 'task-blocked',
        instance: one,
        launch: 1,
        task,
        question: 'May I undo b.ts?',
        commit: null,
      })

  it('may do so in the paths of its plan and of every answer', () => {
    const run = blocked(['a.ts']).when({
      type: 'task-answered',
      task,
      answer: 'Yes.',
      worker: null,
      replaces: ['b.ts', 'a.ts'],
      by: 'operator',
    })
    expect(run.task('a').replaces).toEqual(['a.ts', 'b.ts'])
  })

  it('may do so nowhere else', () => {
    const run = blocked([]).when({
      type: 'task-answered',
      task,
      answer: 'No.',
      worker: null,
      by: 'manager',
    })
    expect(run.task('a').replaces).toEqual([])
  })
})
