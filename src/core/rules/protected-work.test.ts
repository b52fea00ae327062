import { describe, expect, it } from 'vitest'
import { commit, line, one, planned, Run, two } from '../../../test/support/run.ts'
import { briefOf } from '../text/brief.ts'
import { TaskId } from '../model/ids.ts'

const a = TaskId('a')
const b = TaskId('b')

const work = (content = 'c1') => ({
  content,
  paths: ['.github/workflows/ci.yml'],
  count: 1,
  base: commit('base'),
  candidate: commit(`merge-${content}`),
  origin: null,
})

const reported = (checks: readonly string[] = []): Run =>
  new Run({ workerCount: 2, returns: 1, checks })
    .planned([planned('a', { worker: 1 }), planned('b', { worker: 2 })])
    .confirmed(one)
    .confirmed(two)
    .reports(one)
    .stops(one)

const hold = (run: Run, content = 'c1') =>
  run.when({
    type: 'merge-held',
    task: a,
    commit: mergeOf(run)?.commit ?? commit(''),
    work: work(content),
  })

const mergeOf = (run: Run, task = a) => run.state.merges.find((each) => each.task === task)

const answer = (run: Run, what: 'merge' | 'return', content = 'c1', reason = '') =>
  run.when({ type: 'protected-answered', task: a, content, answer: what, reason })

const mergesIn = (run: Run) =>
  run.commands.flatMap((command) =>
    command.type === 'merge-task' ? [[command.task, command.approved]] : [],
  )

describe('work that changes protected paths', () => {
  it('waits for a person, and others of its line pass by', () => {
    const run = hold(reported())
    expect(mergeOf(run)?.phase).toMatchObject({
      name: 'held',
      reason: 'the work changes a protected path, which needs your answer',
    })
    expect(run.task('a')).toMatchObject({ phase: { name: 'merging' }, reworkCount: 0 })
    expect(mergesIn(run.reports(two))).toEqual([[b, null]])
  })

  it('never goes on by itself, however long the person takes', () => {
    const run = hold(reported())
    run.later(7 * 24 * 3_600_000)
    run.when({ type: 'clock-ticked' })
    expect(mergeOf(run)?.phase.name).toBe('held')
    expect(run.state.run.phase.name).toBe('executing')
  })

  it('is tried again with the content that a person approved', () => {
    const run = answer(hold(reported()), 'merge')
    expect(mergesIn(run)).toEqual([[a, 'c1']])
  })

  it('waits again when the next try finds another content', () => {
    const run = hold(answer(hold(reported()), 'merge'), 'c2')
    expect(mergeOf(run)?.phase).toMatchObject({ waitsFor: { work: { content: 'c2' } } })
    expect(answer(run, 'merge', 'c1').ignored).toBe(
      'the answer is about another version of the work of task a: look at it again',
    )
    expect(mergesIn(answer(run, 'merge', 'c2'))).toEqual([[a, 'c2']])
  })

  it('loses the approval with the commit for which it was given', () => {
    const run = answer(hold(reported()), 'merge')
    run.when({
      type: 'merge-rejected',
      task: a,
      commit: mergeOf(run)?.commit ?? commit(''),
      output: 'red',
    })
    run.stops(one).confirmed(one).reports(one, 'again')
    expect(mergesIn(run)).toEqual([[a, null]])
  })

  it('returns to its worker with the words of the person', () => {
    const run = answer(hold(reported()), 'return', 'c1', 'Leave the CI as it is.')
    expect(run.task('a')).toMatchObject({
      reworkCount: 1,
      returned: { kind: 'protected', paths: ['.github/workflows/ci.yml'] },
    })
    const brief = briefOf({ state: run.state, task: a, changes: null })
    expect(brief).toContain('does not want that on main. Take these changes out')
    expect(brief).toContain('Leave the CI as it is.')
  })

  it('is blocked when it was returned too often', () => {
    const run = answer(hold(reported()), 'return')
    answer(hold(run.confirmed(one).reports(one, 'again')), 'return')
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('changes that a person does not want in .github'),
    })
  })

  it('takes no answer while it does not wait for one', () => {
    const refusal = 'task a does not wait for an answer about protected paths'
    expect(answer(reported(), 'merge').ignored).toBe(refusal)
    expect(answer(answer(hold(reported()), 'merge'), 'merge').ignored).toBe(refusal)
  })

  it('is not freed by checks that pass on the branch', () => {
    const run = hold(reported(['npm test']))
    run.when({ type: 'base-passed', line, commit: commit('base') })
    expect(mergeOf(run)?.phase.name).toBe('held')
  })

  it('is tried again, without an approval, when the setting is another one', () => {
    const run = hold(reported())
    const changed = [{ setting: 'protect', effect: 'none' }] as const
    run.start(run.state.policy, run.state.credentials.size, changed)
    expect(mergesIn(run)).toEqual([[a, null]])
  })
})
