import { describe, expect, it } from 'vitest'
import { line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import type { PlannedTask } from '../model/plan.ts'
import { isQueueLow } from './plan-progress.ts'
import { managerReport } from '../text/manager-report.ts'

const submit = (run: Run, tasks: readonly PlannedTask[], isComplete = true) =>
  run.when({ type: 'plan-submitted', tasks, isComplete, ...run.from(manager) })

describe('a plan that is submitted again', () => {
  const tasks = [planned('a', { body: 'Build it.', worker: 1 }), planned('b')]
  const atWork = () => new Run({ workerCount: 1 }).planned(tasks, false).confirmed(one)

  it('is complete as its Manager says, also after tasks of it were started', () => {
    const run = submit(atWork(), tasks)
    expect(run.ignored).toBeNull()
    expect(run.state.run.planCompletedBy).toBe('manager')
    expect(run.task('a').phase.name).toBe('working')
  })

  it('may hold new tasks beside those that were started', () => {
    const run = submit(atWork(), [...tasks, planned('c')], false)
    expect([run.ignored, run.task('c').phase.name]).toEqual([null, 'queued'])
  })

  it('leaves a task that was not begun in the queue', () => {
    const run = atWork()
    const queued = run.task('b')
    submit(run, tasks)
    expect(run.task('b')).toBe(queued)
  })

  it('is refused when it describes a task in another way that was started', () => {
    const run = submit(atWork(), [planned('a', { body: 'Build something else.' })])
    expect(run.ignored).toContain('Task a is working: a task that was started cannot be replaced.')
  })

  it('may leave out that a task, which a person did, depended on one that is cancelled', () => {
    const plan = [planned('a'), planned('b', { dependsOn: [TaskId('a')] }), planned('c')]
    const run = new Run({ workerCount: 1 }).planned(plan, false)
    const ticked = { type: 'ticked', task: TaskId('b') } as const
    run.when({ type: 'lists-edited', line, edits: [ticked], problems: [] })
    run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'needless', by: 'operator' })
    expect([run.task('a'), run.task('b')].map(({ phase }) => phase.name)).toEqual([
      'cancelled',
      'done',
    ])
    for (const b of [planned('b'), planned('b', { dependsOn: [TaskId('a')] })])
      expect(submit(run, [b, planned('c')], false).ignored).toBeNull()
    expect(submit(run, [planned('b', { dependsOn: [TaskId('c')] })], false).ignored).toContain(
      'Task b is done',
    )
  })

  it('does not count as an answer to the request for more tasks', () => {
    const run = atWork()
    const before = run.state.run.phase
    expect(submit(run, tasks, false).state.run.phase).toEqual(before)
  })
})

describe('the advice for a plan that is not complete', () => {
  it('is given only while few tasks are left, and works', () => {
    const run = new Run({ workerCount: 1 }).planned(
      ['a', 'b', 'c'].map((id) => planned(id)),
      false,
    )
    expect(managerReport(run.state)).not.toContain('complete = true')
    run.confirmed(one).reports(one).stops(one).lands()
    run.confirmed(one).reports(one).stops(one).lands()
    expect(managerReport(run.state)).toContain(
      'call submit_plan without tasks and with complete = true',
    )
    expect(submit(run.confirmed(manager), []).ignored).toBeNull()
    expect(managerReport(run.state)).not.toContain('complete = true')
  })
})

describe('when plans need approval, a later plan', () => {
  const approved = () =>
    new Run({ workerCount: 1, plan: 'approve' })
      .planned([planned('a'), planned('b')], false)
      .when({ type: 'plan-approved' })
      .confirmed(one)

  it('waits for it like the first one', () => {
    const run = submit(approved(), [planned('c')], false)
    expect([run.state.run.phase.name, run.task('c').phase.name]).toEqual(['executing', 'proposed'])
    run.briefed(one).reports(one).stops(one).lands()
    expect(run.task('c').phase.name).toBe('proposed')
    expect(run.when({ type: 'plan-approved' }).task('c').phase.name).toBe('queued')
    expect(run.when({ type: 'plan-approved' }).ignored).toContain('no plan waits for approval')
  })

  it('needs it again for a task that it describes in another way', () => {
    const run = submit(approved(), [planned('b', { body: 'More.' })])
    expect(run.task('b').phase.name).toBe('proposed')
  })

  it('makes the server ask for nothing more before it is approved', () => {
    const run = submit(approved(), [planned('c')], false)
      .stops(manager)
      .later(60_000)
    expect(isQueueLow(run.state)).toBe(false)
  })

  it('is not needed for what a person adds to a list', () => {
    const edits = [{ type: 'added', task: planned('wish') }] as const
    const run = approved().when({ type: 'lists-edited', line, edits, problems: [] })
    expect(run.task('wish').phase.name).toBe('queued')
  })
})
