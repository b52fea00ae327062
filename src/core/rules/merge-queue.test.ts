import { describe, expect, it } from 'vitest'
import { commit, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'

describe('the merge queue', () => {
  it('merges one at a time, first in, first out', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    run.reports(two)
    expect(run.asked('merge-task')).toMatchObject([{ task: 'b' }])
    run.reports(one)
    expect(run.asked('merge-task')).toEqual([])
    run.lands()
    expect(run.asked('merge-task')).toMatchObject([{ task: 'a' }])
    expect(run.task('b').phase).toMatchObject({ name: 'merged', commit: commit('merge-b') })
  })

  it('returns a conflict to the owner at once, with both intents', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
      .stops(one)
      .conflicts()
    expect(run.typed()).toMatchObject([{ instance: one, prompt: { purpose: 'rework' } }])
    expect(run.task('a')).toMatchObject({
      reworkCount: 1,
      returned: { kind: 'conflict', paths: ['index.js'] },
    })
  })

  it('asks the Manager to decide after two returns', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    for (let turn = 0; turn < 2; turn += 1)
      run.reports(one, `try-${turn}`).stops(one).conflicts().confirmed(one)
    run.reports(one, 'try-3').stops(one).conflicts()
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('was returned 3 times'),
    })
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
  })

  it('tries a merge again after a pause when the attempt itself failed', () => {
    const run = new Run()
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.when({
      type: 'merge-failed',
      task: TaskId('a'),
      commit: commit('work-a'),
      reason: 'disk full',
      mayHaveLanded: false,
    })
    expect(run.asked('merge-task')).toEqual([])
    expect(run.later(1_000).asked('merge-task')).toHaveLength(1)
  })

  it('defers a merge that keeps failing behind the others, and it can be cancelled', () => {
    const run = new Run({ workerCount: 2 }).planned([
      planned('a', { worker: 1 }),
      planned('b', { worker: 2 }),
    ])
    run.confirmed(one).reports(one).confirmed(two).reports(two)
    const fail = () =>
      run.when({
        type: 'merge-failed',
        task: TaskId('a'),
        commit: commit('work-a'),
        reason: 'it always fails',
        mayHaveLanded: false,
      })
    for (let tries = 1; tries < 5; tries += 1) {
      fail()
      expect(run.later(60_000).asked('merge-task')).toMatchObject([{ task: 'a' }])
    }
    expect(fail().asked('merge-task')).toMatchObject([{ task: 'b' }])
    expect(
      run.when({
        type: 'task-cancelled',
        task: TaskId('a'),
        reason: 'it always fails',
        by: 'manager',
      }).ignored,
    ).toBeNull()
    expect(run.lands().task('b').phase.name).toBe('merged')
  })

  it('cannot cancel a merge that may have landed before the next try has found out', () => {
    const run = new Run()
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    const cancel = () =>
      run.when({
        type: 'task-cancelled',
        task: TaskId('a'),
        reason: 'no longer wanted',
        by: 'manager',
      }).ignored
    const fail = (mayHaveLanded: boolean) =>
      run.when({
        type: 'merge-failed',
        task: TaskId('a'),
        commit: commit('work-a'),
        reason: 'git did not answer',
        mayHaveLanded,
      })
    fail(true)
    expect(cancel()).toContain('may be merged already')
    expect(run.later(1_000).asked('merge-task')).toHaveLength(1)
    fail(false)
    expect(cancel()).toBeNull()
  })

  it('ignores the outcome of a merge that is not under way', () => {
    const run = new Run().planned([planned('a')])
    run.when({
      type: 'merge-landed',
      task: TaskId('a'),
      commit: commit('x'),
      merge: commit('m'),
      head: commit('m'),
    })
    expect(run.ignored).toContain('no merge of a')
  })
})
