import { describe, expect, it } from 'vitest'
import { line, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'

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
      edits: [{ type: 'removed', task: TaskId('b') }],
      problems: [],
    })
    expect(['a', 'b', 'c'].map((id) => run.task(id).phase.name)).toEqual([
      'working',
      'cancelled',
      'cancelled',
    ])
  })
})
