import { describe, expect, it } from 'vitest'
import { line, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import type { ListEdit } from '../model/plan.ts'
import { type ListRevision, listEdits } from '../text/task-list-diff.ts'

const [a, b] = [TaskId('a'), TaskId('b')]
const item = (id: string) => ({
  id,
  title: `Build ${id}`,
  body: '',
  dependsOn: [],
  isTicked: false,
})
const gone = (worker: number, ...ids: readonly string[]): ListRevision => ({
  worker,
  before: ids.map(item),
  after: [],
  isDeleted: true,
})
const atWork = () =>
  new Run({ workerCount: 1 }).planned([planned('a'), planned('b')]).confirmed(one)
const edit = (run: Run, edits: readonly ListEdit[]) =>
  run.when({ type: 'lists-edited', line, edits, problems: [] })
const textsOf = (run: Run) => run.state.run.notices.map(({ text }) => text)

describe('a list that is deleted as a whole', () => {
  it('cancels nothing, is written again, and the person reads how to cancel', () => {
    const run = edit(atWork(), listEdits([gone(1, 'a', 'b')]))
    expect([run.task('a').phase.name, run.task('b').phase.name]).toEqual(['working', 'queued'])
    expect(run.state.lines.get(line)?.lists).toMatchObject({ name: 'running', isStale: true })
    expect(textsOf(run)).toEqual([
      'The list of worker 1 was deleted, which cancels nothing: it is written again. To cancel a ' +
        'task, remove its item from the list, or cancel it (still to do: a, b).',
    ])
  })

  it('is tidying up when an earlier run left it, also where its items have the same names', () => {
    const run = edit(atWork(), listEdits([gone(5, 'a', 'b', 'c')]))
    expect(run.task('b').phase.name).toBe('queued')
    expect(textsOf(run)).toEqual([])
  })

  it('moves the items that another list has now', () => {
    const kept: ListRevision = { worker: 1, before: [], after: [item('b')], isDeleted: false }
    expect(listEdits([gone(2, 'a', 'b'), kept])).toMatchObject([
      { type: 'changed', task: { id: b, worker: 1 } },
      { type: 'list-deleted', worker: 2, tasks: [a] },
    ])
  })
})

describe('an item that is removed from a list of an earlier run', () => {
  it('says nothing about the task of this run with the same name', () => {
    const run = edit(atWork(), [{ type: 'removed', task: b, worker: 5 }])
    expect(run.task('b').phase.name).toBe('queued')
    expect(textsOf(run)).toEqual([expect.stringMatching(/^b was removed.*worker 5.*goes on/)])
  })
})
