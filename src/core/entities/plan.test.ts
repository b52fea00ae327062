import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { Draft } from '../model/draft.ts'
import type { PlannedTask } from '../model/plan.ts'
import { renderTaskLists } from '../text/task-list.ts'

describe('a cancelled task', () => {
  const chain = () =>
    new Run({ workerCount: 1 })
      .planned([
        planned('a'),
        planned('b', { dependsOn: [TaskId('a')] }),
        planned('c', { dependsOn: [TaskId('b')] }),
        planned('other'),
      ])
      .confirmed(one)
  const cancel = (run: Run) =>
    run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'not needed', by: 'operator' })

  it('takes the tasks that depend on it with it, each with its reason', () => {
    const run = cancel(chain())
    expect(['a', 'b', 'c'].map((id) => run.task(id).phase)).toMatchObject([
      { name: 'cancelled', reason: 'not needed' },
      { name: 'cancelled', reason: 'it depends on a, which was cancelled' },
      { name: 'cancelled', reason: 'it depends on b, which was cancelled' },
    ])
  })

  it('takes a task with it once that depends on it in two ways', () => {
    const [a, b] = [TaskId('a'), TaskId('b')]
    const run = new Run({ workerCount: 1 }).planned([
      planned('a'),
      planned('b', { dependsOn: [a] }),
      planned('d', { dependsOn: [a, b] }),
    ])
    cancel(run)
    expect(['a', 'b', 'd'].map((id) => run.task(id).phase.name)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ])
  })

  it('leaves the tasks that do not depend on it in the plan', () => {
    expect(cancel(chain()).task('other').phase.name).not.toBe('cancelled')
  })

  it('takes its dependents with it also when it is removed from its list', () => {
    const run = chain().when({
      type: 'lists-edited',
      line,
      edits: [{ type: 'removed', task: TaskId('b'), worker: 1 }],
      problems: [],
    })
    expect(['a', 'b', 'c'].map((id) => run.task(id).phase.name)).toEqual([
      'working',
      'cancelled',
      'cancelled',
    ])
  })
})

const tick = (run: Run, id: string) =>
  run.when({
    type: 'lists-edited',
    line,
    edits: [{ type: 'ticked', task: TaskId(id) }],
    problems: [],
  })
const phasesOf = (run: Run, ...ids: readonly string[]) => ids.map((id) => run.task(id).phase.name)

describe('an item that a person ticks', () => {
  const [a, b] = [TaskId('a'), TaskId('b')]
  const chain = () =>
    new Run({ workerCount: 1 }).planned([
      planned('other', { worker: 1 }),
      planned('a'),
      planned('b', { dependsOn: [a] }),
      planned('c', { dependsOn: [b] }),
    ])

  it('is done, and what depends on it begins', () => {
    const run = tick(chain(), 'a')
    expect(run.task('a').phase).toMatchObject({ name: 'done', reason: 'ticked by hand' })
    expect(phasesOf(run, 'b', 'c')).toEqual(['queued', 'waiting'])
    expect(phasesOf(tick(run, 'b'), 'b', 'c')).toEqual(['done', 'queued'])
  })

  it('stays ticked in the list', () => {
    const run = tick(chain(), 'a')
    const list = renderTaskLists(run.state, line, null)['WORKER_1_TASK_LIST.md']
    expect(list).toContain('- [x] a: Build a')
    expect(list).toContain('- [ ] b: Build b')
  })

  it('is taken from the worker that works on it, whose work is saved', () => {
    const run = tick(chain().confirmed(one), 'other')
    expect(run.task('other').attempts.at(-1)?.outcome).toBe('cancelled')
    expect(run.instance(one).task).toBeNull()
    expect(run.asked('save-work')).toMatchObject([{ instance: one, task: 'other' }])
    expect(run.task('other').phase.name).toBe('done')
  })

  it('is done also while the Manager has a question about it', () => {
    const run = chain().confirmed(one)
    const question = { task: TaskId('other'), question: '?', commit: null }
    run.briefed(one).when({ type: 'task-blocked', ...question, ...run.from(one) })
    expect(tick(run, 'other').task('other').phase.name).toBe('done')
  })

  it('is not touched while it is being merged', () => {
    const run = tick(chain().confirmed(one).reports(one), 'other')
    expect(run.task('other').phase.name).toBe('merging')
    expect(run.state.run.notices).toMatchObject([
      { text: 'Task other was ticked by hand, but it is being merged.' },
    ])
  })

  it('lets the run end', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    expect(tick(run, 'a').typed()).toMatchObject([
      { instance: manager, prompt: { purpose: 'news' } },
    ])
  })
})

describe('a task that was cancelled', () => {
  const b = TaskId('b')
  const cancelled = (by: 'manager' | 'operator') =>
    new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b'), planned('c', { dependsOn: [b] })])
      .confirmed(one)
      .when({ type: 'task-cancelled', task: b, reason: 'not needed', by })

  it('can be planned again, as can one that was cancelled with it', () => {
    const run = submit(cancelled('manager'), [planned('b'), planned('c', { dependsOn: [b] })])
    expect(run.ignored).toBeNull()
    expect(phasesOf(run, 'b', 'c')).toEqual(['queued', 'waiting'])
  })

  it('can be planned again without what it depended on', () => {
    expect(phasesOf(submit(cancelled('operator'), [planned('c')]), 'b', 'c')).toEqual([
      'cancelled',
      'queued',
    ])
  })

  it('is not planned again by the Manager when a person cancelled it', () => {
    const run = submit(cancelled('operator'), [planned('b')])
    expect(run.ignored).toContain('Task b was cancelled by a person')
    const edits = [{ type: 'added', task: planned('b') }] as const
    run.when({ type: 'lists-edited', line, edits, problems: [] })
    expect(run.task('b').phase.name).toBe('queued')
  })

  it('keeps its commits, of which the next worker learns', () => {
    const run = cancelled('manager')
    const a = TaskId('a')
    const question = { task: a, question: '?', commit: commit('half') }
    run.briefed(one).when({ type: 'task-blocked', ...question, ...run.from(one) })
    run.when({ type: 'task-cancelled', task: a, reason: 'not now', by: 'manager' })
    submit(run, [planned('a')])
    expect(run.task('a')).toMatchObject({
      commit: commit('half'),
      attempts: [],
      notes: [expect.stringContaining('The task was cancelled (not now) and planned again.')],
    })
  })
})

describe('a waiting task', () => {
  it('becomes a question when what it depends on is cancelled and it was begun before', () => {
    const run = new Run({ workerCount: 1 }).planned([
      planned('a'),
      planned('b', { dependsOn: [TaskId('a')] }),
    ])
    const draft = new Draft(run.state, run.at)
    draft.setTask(TaskId('b'), { attempts: run.task('a').attempts })
    run.state = draft.state
    run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'no', by: 'operator' })
    expect(run.task('b').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('It depends on a, which will not be done.'),
    })
    run.when({
      type: 'task-answered',
      task: TaskId('b'),
      answer: 'Begin.',
      worker: null,
      by: 'manager',
    })
    expect(run.task('b').phase.name).not.toBe('waiting')
  })
})

const submit = (run: Run, tasks: readonly PlannedTask[], isComplete = true) =>
  run.when({ type: 'plan-submitted', tasks, isComplete, ...run.from(manager) })
