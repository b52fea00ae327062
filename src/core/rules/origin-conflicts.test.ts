import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { managerReport } from '../text/manager-report.ts'
import { nextAlarm } from './deadlines.ts'

const merge = TaskId('merge-origin')
const pushed = (run: Run, at = 'theirs', paths = ['index.js']) =>
  run.when({ type: 'upstream-conflicted', line, commit: commit(at), paths })
const fetched = (run: Run) =>
  run.when({
    type: 'upstream-merged',
    line,
    head: run.state.lines.get(line)?.head ?? commit('base'),
  })
const conflictOf = (run: Run) => run.state.lines.get(line)?.conflict ?? null
const publishOf = (run: Run) => run.state.lines.get(line)?.publish.name
const cancel = (run: Run, by: 'manager' | 'operator') =>
  run.when({ type: 'task-cancelled', task: merge, reason: 'no', by })
/** One worker, whose first task is merged while the second one is under way. */
const atWork = () =>
  new Run({ workerCount: 1 }).planned([planned('a'), planned('b')]).confirmed(one)

describe('a merge of the origin about which the Manager is asked', () => {
  const blocked = () => {
    const run = new Run({ workerCount: 1, returns: 0, rounds: 1 }).planned([planned('a')])
    pushed(run).confirmed(one).reports(one).stops(one).lands()
    return run.confirmed(one).reports(one).stops(one).conflicts()
  }
  const answer = (run: Run) =>
    run.when({ type: 'task-answered', task: merge, answer: 'x', worker: null, by: 'manager' })

  it('is not offered to be cancelled, which the server refuses', () => {
    const run = blocked()
    expect(managerReport(run.state)).toContain(`Call answer for ${merge}. Only a person can cancel`)
    expect(run.task(merge).phase).toMatchObject({ question: expect.not.stringContaining('cancel') })
    expect(cancel(run, 'manager').ignored).not.toBeNull()
    answer(run).confirmed(one).reports(one).stops(one).conflicts()
    expect(managerReport(run.state)).toContain('Do nothing: a person is asked.')
    expect(run.task(merge).phase).toMatchObject({ question: expect.not.stringContaining('cancel') })
    expect(answer(run).ignored).toMatch(/a person has to decide$/)
  })
})

describe('commits of the origin that conflict', () => {
  it('are not merged by a report that no commit is needed', () => {
    const run = pushed(atWork()).reports(one).stops(one).confirmed(one).briefed(one)
    run.when({ type: 'task-needs-no-commit', task: merge, reason: 'no', ...run.from(one) })
    expect(run.ignored).toContain('which needs a commit')
  })

  it('become a task that the next free worker takes before any other', () => {
    const run = pushed(atWork())
    expect(run.task(merge)).toMatchObject({ line, phase: { name: 'queued' }, dependsOn: [] })
    expect(run.asked('commit-lists')).toEqual([])
    run.reports(one).stops(one)
    expect(run.task(merge).phase.name).toBe('assigned')
    expect(run.task('b').phase.name).toBe('queued')
  })

  it('do not make the fetch fail, and hold back the push until they are merged', () => {
    const run = pushed(atWork())
    expect(run.state.lines.get(line)?.upstream.name).toBe('current')
    run.when({ type: 'publish-refused', line, reason: 'behind', isBehind: true })
    expect(publishOf(run)).toBe('outdated')
    run.reports(one).stops(one)
    expect(run.lands().asked('publish')).toEqual([])
    for (let minutes = 0; minutes < 60; minutes += 1) {
      run.later(60_000)
      expect(run.asked('publish')).toEqual([])
      expect(nextAlarm(run.state)).toBeGreaterThan(run.at)
    }
  })

  it('are pushed, after one more fetch, once the task is merged', () => {
    const run = pushed(atWork())
    run.when({ type: 'publish-refused', line, reason: 'behind', isBehind: true })
    run.reports(one).stops(one).lands().confirmed(one).reports(one).lands()
    expect(run.task(merge).phase.name).toBe('merged')
    expect(conflictOf(run)).toBeNull()
    expect(run.commands.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['merge-upstream', 'publish']),
    )
  })

  it('join the open task when more of them are pushed', () => {
    const run = pushed(pushed(atWork()), 'more', ['index.js', 'b.js'])
    expect(conflictOf(run)).toMatchObject({
      task: merge,
      commit: commit('more'),
      paths: ['index.js', 'b.js'],
    })
    expect(run.state.tasks.size).toBe(3)
  })

  it('become another task after the first one is merged', () => {
    const run = pushed(atWork())
    run.reports(one).stops(one).lands().confirmed(one).reports(one).stops(one).lands()
    pushed(run, 'later')
    expect(run.task('merge-origin-2').phase.name).not.toBe('cancelled')
    expect(conflictOf(run)?.task).toBe('merge-origin-2')
  })

  it('go back to the worker that knows them when its merge is returned', () => {
    const run = new Run({ workerCount: 2 }).planned([planned('a'), planned('b')])
    pushed(run.confirmed(one).confirmed(two)).reports(one).stops(one)
    expect(run.task(merge).assignee).toBe(one)
    run.lands().confirmed(one).reports(one).reports(two).stops(two).stops(one)
    run.conflicts()
    expect(run.task(merge).phase).toMatchObject({ name: 'assigned', instance: one })
  })

  it('need no worker any more when a person has merged them at the origin', () => {
    const run = pushed(atWork()).reports(one).stops(one).confirmed(one)
    expect(run.task(merge).phase.name).toBe('working')
    fetched(run)
    expect(run.task(merge).phase).toMatchObject({ name: 'done' })
    expect(run.instance(one).task).toBeNull()
    expect(conflictOf(run)).toBeNull()
    expect(run.asked('save-work')).toHaveLength(1)
  })

  it('make no task once a person has ended the run', () => {
    const run = atWork().reports(one).stops(one).lands().confirmed(one).reports(one).lands()
    run.stops(one).confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    fetched(run)
    for (let lists = 0; lists < 2; lists += 1)
      run.when({
        type: 'lists-committed',
        line,
        head: run.state.lines.get(line)?.head ?? commit(''),
      })
    for (let tries = 1; tries < 4; tries += 1)
      run
        .when({ type: 'publish-refused', line, reason: 'no', isBehind: false })
        .later(tries < 3 ? 20_000 : 0)
    run.when({ type: 'run-accepted' })
    expect(run.state.run.phase.name).toBe('done')
    expect(pushed(run).state.tasks.size).toBe(2)
  })

  it('bring a run back that was finishing', () => {
    const run = atWork().reports(one).stops(one).lands().confirmed(one).reports(one).lands()
    run.stops(one).confirmed(manager)
    run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
    expect(pushed(run).state.run.phase.name).toBe('executing')
    expect(run.task(merge).phase.name).toBe('assigned')
  })
})

describe('the task that merges what others pushed', () => {
  it('cannot be cancelled by the Manager', () => {
    const run = cancel(pushed(atWork()), 'manager')
    expect(run.ignored).toContain('Only a person can cancel it')
    expect(run.task(merge).phase.name).toBe('queued')
  })

  it('cannot be replaced by a plan', () => {
    const run = pushed(atWork())
    const tasks = [planned('merge-origin')]
    run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
    expect(run.ignored).toContain('choose another id')
  })

  it('does not come back for the same commit after a person cancelled it', () => {
    const run = cancel(pushed(atWork()), 'operator')
    expect(run.task(merge).phase.name).toBe('cancelled')
    expect(pushed(run).state.tasks.size).toBe(3)
    expect(pushed(run, 'other').task('merge-origin-2').phase.name).toBe('queued')
  })
})
