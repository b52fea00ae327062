import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { CredentialId, TaskId, workerId } from '../model/ids.ts'
import { renderTaskLists } from '../text/task-list.ts'

describe('an instance that comes back into service', () => {
  it('keeps the number of its last hook, because its launch is the same', () => {
    const run = new Run({ workerCount: 1, quarantineFailures: 1 })
    const hook = {
      type: 'session-started',
      source: 'startup',
      sequence: 5,
      ...run.from(one),
    } as const
    run.when(hook).when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    run
      .when({ type: 'credential-disabled', credential: CredentialId('key-2'), reason: 'by hand' })
      .start()
    expect(run.instance(one)).toMatchObject({ phase: { name: 'absent' }, launch: 1 })
    expect(run.when(hook).ignored).toContain('was received before')
  })
})

describe('a start with fewer workers', () => {
  const three = workerId(3)
  const onThree = (id: string) => planned(id, { worker: 3 })
  /** Worker 3 works on the first of its three tasks; the others have one each. */
  const atWork = () =>
    new Run({ workerCount: 3 })
      .planned([
        ...['a', 'b', 'c'].map(onThree),
        planned('x', { worker: 1 }),
        planned('y', { worker: 2 }),
        planned('z', { worker: 2, dependsOn: [TaskId('c')] }),
      ])
      .confirmed(three)
      .confirmed(one)
      .confirmed(two)
  const with2 = (run: Run) => run.start({ ...run.state.policy, workerCount: 2 })
  const listed = (run: Run) => renderTaskLists(run.state, line, null)

  it('moves the open tasks of the others to the shortest lists at once', () => {
    const run = with2(atWork())
    expect(run.instance(three).phase.name).toBe('stopping')
    for (const id of ['a', 'b', 'c']) expect([one, two]).toContain(run.task(id).assignee)
    expect(Object.keys(listed(run))).toEqual(['WORKER_1_TASK_LIST.md', 'WORKER_2_TASK_LIST.md'])
    expect(run.asked('commit-lists')).toHaveLength(1)
  })

  it('saves the work of the worker that goes, and its task begins again elsewhere', () => {
    const run = with2(atWork())
    run.when({ type: 'instance-stopped', ...run.from(three) })
    const [save] = run.asked('save-work')
    expect(save).toMatchObject({ instance: three, task: 'a' })
    const backup = save?.backup ?? ('none' as never)
    run.when({ type: 'work-saved', backup, commit: commit('saved') })
    expect(run.task('a')).toMatchObject({ phase: { name: 'queued' }, assignee: one })
    run.reports(one).stops(one)
    expect(run.instance(one).task).toBe('a')
  })

  it('saves that work when the stop is confirmed, however often it had to be tried', () => {
    const run = with2(atWork())
    const stop = { command: 'stop-instance', ...run.from(three) } as const
    run.when({ type: 'command-failed', ...stop, reason: 'no engine answers' })
    expect(run.later(60_000).asked('stop-instance')).toMatchObject([{ instance: three }])
    expect(run.asked('save-work')).toEqual([])
    expect(run.task('a').phase.name).not.toBe('queued')
    run.when({ type: 'instance-stopped', ...run.from(three) })
    expect(run.asked('save-work')).toMatchObject([{ instance: three, task: 'a' }])
  })

  it('moves what comes back from the merge queue later', () => {
    const run = atWork().reports(three)
    expect(run.task('a').phase.name).toBe('merging')
    with2(run).conflicts()
    expect(run.task('a').phase.name).toBe('conflicted')
    run.reports(one).stops(one)
    expect(run.instance(one).task).toBe('a')
  })

  it('keeps a list of what a worker of before has finished', () => {
    const run = with2(atWork().reports(three).lands())
    expect(listed(run)['WORKER_3_TASK_LIST.md']).toContain('- [x] a: ')
    expect(listed(run)['WORKER_3_TASK_LIST.md']).not.toContain('- [ ]')
  })

  it('takes no answer that names a worker who is gone', () => {
    const run = with2(atWork()).briefed(one)
    run.when({
      type: 'task-blocked',
      task: run.task('x').id,
      question: '?',
      commit: null,
      ...run.from(one),
    })
    const answer = { type: 'task-answered', answer: '!', by: 'manager' } as const
    run.when({ ...answer, task: run.task('x').id, worker: 3 })
    expect(run.ignored).toBe('there is no worker 3: there are workers 1 to 2')
  })

  it('moves a cancelled task that is planned again', () => {
    const run = atWork().when({
      type: 'task-cancelled',
      task: TaskId('b'),
      reason: 'not now',
      by: 'manager',
    })
    with2(run)
    run.when({
      type: 'plan-submitted',
      tasks: [planned('b', { worker: null })],
      isComplete: true,
      ...run.from(manager),
    })
    expect(run.task('b').phase.name).toBe('queued')
    expect([one, two]).toContain(run.task('b').assignee)
    expect(listed(run)['WORKER_3_TASK_LIST.md']).toBeUndefined()
  })

  it('writes the list of a worker who is new', () => {
    const run = atWork()
    run.start({ ...run.state.policy, workerCount: 4 })
    expect(run.asked('commit-lists')).toHaveLength(1)
    expect(listed(run)['WORKER_4_TASK_LIST.md']).toContain('# Tasks of worker 4')
    expect(run.instance(manager).phase.name).toBe('ready')
  })
})
