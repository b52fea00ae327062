import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { BackupId, TaskId } from '../model/ids.ts'

describe('a new run', () => {
  it('starts the Manager and every worker, each with a credential of its own', () => {
    const run = new Run({ workerCount: 3 })
    const started = run.asked('start-instance')
    expect(started.map(({ instance }) => instance)).toEqual([
      'manager',
      'worker-1',
      'worker-2',
      'worker-3',
    ])
    expect(new Set(started.map(({ credential }) => credential)).size).toBe(4)
  })

  it('leaves an instance absent when no credential has room', () => {
    const run = new Run({ workerCount: 2 }, 2)
    expect(run.instance(two).phase.name).toBe('absent')
  })

  it('asks the Manager for a plan as soon as its session and its tools are there', () => {
    const run = new Run().when({
      type: 'session-started',
      source: 'startup',
      instance: manager,
      launch: 1,
    })
    expect(run.typed()).toEqual([])
    run.when({ type: 'tools-listed', instance: manager, launch: 1 })
    expect(run.typed()).toMatchObject([
      { instance: 'manager', prompt: { purpose: 'plan', way: 'typed' } },
    ])
  })

  it('fails visibly when the Manager keeps stopping without a plan', () => {
    const run = new Run().allUp()
    for (let turn = 0; turn < 3; turn += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase).toMatchObject({
      name: 'failed',
      reason: expect.stringContaining('asked 3 times'),
    })
  })
})

describe('a plan', () => {
  it('is refused with every mistake named', () => {
    const run = new Run().allUp().confirmed(manager)
    const tasks = [
      planned('a', { dependsOn: [TaskId('b')] }),
      planned('b', { dependsOn: [TaskId('a')], worker: 9 }),
      planned('Bad Id'),
    ]
    run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
    expect(run.ignored).toContain('a → b → a')
    expect(run.ignored).toContain('names worker 9')
    expect(run.ignored).toContain('"Bad Id" is not a task id')
    expect(run.state.tasks.size).toBe(0)
  })

  it('is distributed evenly, assigned to ready workers at once, and written into the lists', () => {
    const run = new Run().allUp().confirmed(manager)
    run.when({
      type: 'plan-submitted',
      tasks: ['a', 'b', 'c', 'd'].map((id) => planned(id)),
      isComplete: true,
      ...run.from(manager),
    })
    expect(run.typed().map(({ instance }) => instance)).toEqual([one, two])
    expect(['a', 'b', 'c', 'd'].map((id) => run.task(id).assignee)).toEqual([one, two, one, two])
    expect(run.asked('commit-lists')).toHaveLength(1)
  })

  it('waits for a human when plans need approval', () => {
    const run = new Run({ plan: 'approve' }).planned([planned('a')])
    expect(run.state.run.phase.name).toBe('awaiting-approval')
    expect(run.task('a').phase.name).toBe('proposed')
    run.when({ type: 'plan-approved' })
    expect(run.task('a').phase.name).toBe('assigned')
  })

  it('is asked for again when nothing of the first one is left to approve', () => {
    const run = new Run({ workerCount: 1, plan: 'approve' }).planned([planned('a')])
    run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'no', by: 'manager' })
    expect(run.state.run.phase.name).toBe('planning')
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'plan' } }])
  })

  it('is not asked for without end when the Manager cancels each one', () => {
    const run = new Run({ workerCount: 1, plan: 'approve' }).allUp().confirmed(manager)
    let asked = 1
    while (run.state.run.phase.name === 'planning' && asked < 10) {
      const tasks = [planned('a')]
      run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
      run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'no', by: 'manager' })
      run.stops(manager)
      asked += run.typed().length
      if (run.state.run.phase.name === 'planning') run.confirmed(manager)
    }
    expect(asked).toBe(3)
    expect(run.state.run.phase.name).toBe('failed')
  })

  it('needs no approval when a person did all of it', () => {
    const run = new Run({ workerCount: 1, plan: 'approve' }).planned([planned('a')])
    run.when({
      type: 'lists-edited',
      line,
      edits: [{ type: 'ticked', task: TaskId('a') }],
      problems: [],
    })
    expect(run.task('a').phase.name).toBe('done')
    expect(run.state.run.phase.name).toBe('executing')
  })

  it('cannot replace a task that was started', () => {
    const run = new Run().planned([planned('a')])
    run.when({
      type: 'plan-submitted',
      tasks: [planned('a', { title: 'Other' })],
      isComplete: true,
      ...run.from(manager),
    })
    expect(run.ignored).toContain('cannot be replaced')
  })
})

describe('the end of a run', () => {
  const finished = () =>
    new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
      .stops(one)
      .lands()

  it('is declared by the Manager, once every task is over', () => {
    const run = finished()
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
    run.confirmed(manager).when({ type: 'run-finished', report: 'All good.', ...run.from(manager) })
    expect(run.asked('write-report')).toEqual([
      { type: 'write-report', report: 'All good.', unpublished: [] },
    ])
  })

  it('cannot be declared while a task is open', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    run.when({ type: 'run-finished', report: 'Done!', ...run.from(manager) })
    expect(run.ignored).toContain('1 tasks are not over yet')
  })

  it('stops everything once the report is written and lists and origin are up to date', () => {
    const run = finished().confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    run.when({ type: 'upstream-merged', line, head: commit('merge-a') })
    run
      .when({ type: 'lists-committed', line, head: commit('merge-a') })
      .when({ type: 'lists-committed', line, head: commit('merge-a') })
    expect(run.state.run.phase.name).toBe('finishing')
    run.when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('done')
    expect(run.asked('stop-everything')).toHaveLength(1)
  })

  it('waits for the origin, where a task may just have been added to a list', () => {
    const run = finished()
      .confirmed(manager)
      .when({ type: 'upstream-merged', line, head: commit('merge-a') })
      .later(60_000)
    expect(run.asked('merge-upstream')).toHaveLength(1)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    run
      .when({ type: 'lists-committed', line, head: commit('merge-a') })
      .when({ type: 'lists-committed', line, head: commit('merge-a') })
    run.when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('finishing')
    // A server that dies during the fetch issues it again.
    expect(run.start().asked('merge-upstream')).toHaveLength(1)
    run.when({
      type: 'lists-edited',
      line,
      edits: [{ type: 'added', task: planned('wish', { worker: 1 }) }],
      problems: [],
    })
    expect(run.state.run.phase.name).toBe('executing')
  })

  it('comes without a report of the Manager if it never writes one', () => {
    const run = finished()
    for (let turn = 0; turn < 3; turn += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase.name).toBe('finishing')
  })
})

describe('a server that starts again', () => {
  it('issues again what every phase waits for, and starts nothing twice', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
    run.start()
    expect(run.asked('start-instance')).toEqual([])
    expect(run.asked('merge-task')).toMatchObject([{ task: 'a' }])
  })

  it('repeats a launch that was under way with the same number', () => {
    const run = new Run({ workerCount: 1 })
    run.start()
    expect(run.asked('start-instance')).toMatchObject([
      { instance: manager, launch: 1 },
      { instance: one, launch: 1 },
    ])
  })

  it('dismisses workers that are no longer configured', () => {
    const run = new Run().planned([planned('a'), planned('b')])
    run.start({ ...run.state.policy, workerCount: 1 })
    expect(run.asked('stop-instance')).toMatchObject([{ instance: two }])
    run.when({ type: 'instance-stopped', ...run.from(two) })
    run.when({ type: 'work-unchanged', backup: BackupId('worker-2/b/1') })
    expect(run.task('b').phase.name).toBe('queued')
  })
})

describe('an instance that does not come up', () => {
  it('is probed first, since its screen may show a question, and then restarted', () => {
    const run = new Run({ workerCount: 1 })
    expect(run.later(8_000).asked('probe-instance')).toMatchObject([
      { instance: manager },
      { instance: one },
    ])
    expect(run.later(60_000).commands).toEqual([])
    run.later(30_000)
    expect(run.instance(one).phase).toMatchObject({
      name: 'backing-off',
      reason: 'no SessionStart hook in time',
    })
  })
})
