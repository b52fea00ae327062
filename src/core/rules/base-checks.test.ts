import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { managerReport } from '../text/manager-report.ts'

const checks = ['npm ci', 'npm test']
const [a, b] = [TaskId('a'), TaskId('b')]
const failure = (position = 0, at = 'base') => ({
  commit: commit(at),
  command: checks[position] ?? '',
  position,
  output: 'EAI_AGAIN',
})
const fails = (run: Run, position = 0) =>
  run.when({ type: 'base-failed', line, failure: failure(position) })
const passes = (run: Run) => run.when({ type: 'base-passed', line, commit: commit('base') })
const verdictOf = (run: Run) => run.state.lines.get(line)?.base
const mergeOf = (run: Run, task: TaskId) => run.state.merges.find((each) => each.task === task)
/** A worker's work, reported; the checks run on the branch. */
const reported = () =>
  new Run({ checks, workerCount: 2 })
    .planned([planned('a', { worker: 1 }), planned('b', { worker: 2 })])
    .confirmed(one)
    .confirmed(two)
    .reports(one)
const rejects = (run: Run, task: TaskId, position: number, base: number | null) =>
  run.when({
    type: 'merge-rejected',
    task,
    commit: commit(`work-${task}`),
    output: 'red',
    position,
    ...(base === null ? {} : { base: failure(base) }),
  })

describe('the branch as it is', () => {
  it('is checked at the start of a run, and holds up nothing', () => {
    const run = new Run({ checks })
    expect(run.asked('check-base')).toEqual([{ type: 'check-base', line, commit: commit('base') }])
    expect(run.asked('start-instance')).not.toEqual([])
    expect(run.asked('merge-upstream')).toHaveLength(1)
  })

  it('is not checked without checks', () => {
    expect(new Run().asked('check-base')).toEqual([])
  })

  it('is checked by a start again, unless it passed these checks', () => {
    const run = passes(new Run({ checks }))
    expect(run.start().asked('check-base')).toEqual([])
    expect(run.start({ ...run.state.policy, checks: ['make'] }).asked('check-base')).toHaveLength(1)
    expect(fails(new Run({ checks })).start().asked('check-base')).toHaveLength(1)
  })

  it('that fails is checked again after a while, ever more rarely', () => {
    const run = fails(new Run({ checks }))
    expect(run.later(5 * 60_000 - 1).asked('check-base')).toEqual([])
    expect(run.later(1).asked('check-base')).toHaveLength(1)
    expect(
      fails(run)
        .later(5 * 60_000)
        .asked('check-base'),
    ).toEqual([])
    expect(run.later(5 * 60_000).asked('check-base')).toHaveLength(1)
  })

  it('that fails is checked again when others push', () => {
    const run = fails(new Run({ checks }))
    run.when({ type: 'upstream-merged', line, head: commit('repair') })
    expect(run.asked('check-base')).toMatchObject([{ commit: commit('repair') }])
  })

  it('is checked again after a pause when the checks could not be run', () => {
    const run = new Run({ checks })
    run.when({ type: 'base-not-checked', line, reason: 'no engine answers' })
    expect(verdictOf(run)).toBeNull()
    expect(run.later(1_000).asked('check-base')).toHaveLength(1)
  })

  it('that fails is shown to the Manager, which is prompted once', () => {
    const run = fails(new Run({ checks }).planned([planned('a')]))
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
    expect(managerReport(run.state)).toContain('# The checks fail on main itself')
    expect(managerReport(run.state)).toContain('EAI_AGAIN')
    run.confirmed(manager).stops(manager)
    expect(fails(run.later(5 * 60_000)).typed()).toEqual([])
    expect(managerReport(passes(run.later(10 * 60_000)).state)).not.toContain('# The checks fail')
  })
})

describe('work that fails the checks', () => {
  it('returns to its worker when they pass on the branch', () => {
    const run = rejects(reported(), a, 1, null)
    expect(run.task('a')).toMatchObject({ phase: { name: 'rejected' }, reworkCount: 1 })
  })

  it('waits, and counts no return, when the branch fails the same check', () => {
    const run = rejects(reported(), a, 1, 1)
    expect(run.task('a')).toMatchObject({ phase: { name: 'merging' }, reworkCount: 0 })
    expect(mergeOf(run, a)?.phase).toMatchObject({
      name: 'held',
      waitsFor: { kind: 'branch', position: 1 },
      reason: 'the check "npm test" fails on main without this work',
    })
    expect(verdictOf(run)).toMatchObject({ name: 'failed', failure: { position: 1 } })
  })

  it('returns to its worker when it fails an earlier check than the branch', () => {
    const run = rejects(reported(), a, 0, 1)
    expect(run.task('a').phase.name).toBe('rejected')
    expect(verdictOf(run)).toMatchObject({ name: 'failed' })
  })

  it('and waits lets others pass by; what repairs the branch frees it', () => {
    const run = rejects(reported(), a, 0, 0)
    expect(run.reports(two).asked('merge-task')).toMatchObject([{ task: b, mayFailFrom: null }])
    const at = { task: b, commit: commit('work-b'), merge: commit('m'), head: commit('m') }
    run.when({ type: 'merge-landed', ...at, checks: 'passed' })
    expect(verdictOf(run)).toEqual({ name: 'passed', commit: commit('m') })
    expect(run.asked('merge-task')).toMatchObject([{ task: a }])
  })

  it('and waits is tried again when the branch fails only a later check', () => {
    const run = rejects(reported(), a, 0, 0)
    run.when({ type: 'checks-answered', line, answer: 'again' })
    expect(fails(run, 1).asked('merge-task')).toMatchObject([{ task: a }])
  })

  it('and is tried again only after the merge that is under way meanwhile', () => {
    const run = rejects(reported(), a, 0, 0).reports(two)
    expect(passes(run).asked('merge-task')).toEqual([])
    const at = { task: b, commit: commit('work-b'), merge: commit('m'), head: commit('m') }
    run.when({ type: 'merge-landed', ...at, checks: 'passed' })
    expect(run.ignored).toBeNull()
    expect(run.asked('merge-task')).toMatchObject([{ task: a }])
  })

  it('and waits can be cancelled', () => {
    const run = rejects(reported(), a, 0, 0)
    run.when({ type: 'task-cancelled', task: a, reason: 'no', by: 'manager' })
    expect(run.task('a').phase.name).toBe('cancelled')
    expect(mergeOf(run, a)).toBeUndefined()
  })

  it('and waits goes on waiting after a restart, until other checks are configured', () => {
    const run = rejects(reported(), a, 0, 0).start()
    expect(mergeOf(run, a)?.phase.name).toBe('held')
    run.start({ ...run.state.policy, checks: [] })
    expect(run.asked('merge-task')).toMatchObject([{ task: a }])
    expect(verdictOf(run)).toBeNull()
  })
})

describe('a person who is asked about checks that fail on the branch', () => {
  it('can have them run again at once', () => {
    const run = fails(new Run({ checks })).when({ type: 'checks-answered', line, answer: 'again' })
    expect(run.asked('check-base')).toHaveLength(1)
  })

  it('can have work merged that fails them too, until the branch passes', () => {
    const run = rejects(reported(), a, 1, 1)
    run.when({ type: 'checks-answered', line, answer: 'merge' })
    expect(run.asked('merge-task')).toMatchObject([{ task: a, mayFailFrom: 1 }])
    const at = { task: a, commit: commit('work-a'), merge: commit('m'), head: commit('m') }
    run.when({ type: 'merge-landed', ...at, checks: failure(1, 'm') })
    expect(run.reports(two).asked('merge-task')).toMatchObject([{ task: b, mayFailFrom: 1 }])
    const next = { task: b, commit: commit('work-b'), merge: commit('n'), head: commit('n') }
    run.when({ type: 'merge-landed', ...next, checks: 'passed' })
    expect(verdictOf(run)).toEqual({ name: 'passed', commit: commit('n') })
  })

  it('has work merged whose checks were still running when the answer came', () => {
    const run = fails(reported(), 1).when({ type: 'checks-answered', line, answer: 'merge' })
    expect(rejects(run, a, 1, 1).asked('merge-task')).toMatchObject([{ task: a, mayFailFrom: 1 }])
  })

  it('did not accept that an earlier check fails', () => {
    const run = fails(new Run({ checks }), 1)
    run.when({ type: 'checks-answered', line, answer: 'merge' })
    expect(verdictOf(fails(run, 1))).toMatchObject({ isAccepted: true })
    expect(verdictOf(fails(run, 0))).toMatchObject({ isAccepted: false })
  })

  it('is not asked while they pass', () => {
    const run = passes(new Run({ checks }))
    run.when({ type: 'checks-answered', line, answer: 'merge' })
    expect(run.ignored).toBe('the checks do not fail on main as it is')
  })
})
