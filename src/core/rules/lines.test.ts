import { describe, expect, it } from 'vitest'
import { commit, line, one, planned, Run, tip, two } from '../../../test/support/run.ts'
import { LineId, managerId, TaskId } from '../model/ids.ts'
import { renderTaskLists } from '../text/task-list.ts'

const site = LineId('site')
/** Two lines; task a is merged into the lead line, task b into the other. */
const twoLines = () =>
  new Run({ workerCount: 2 }, 3, [tip(), tip(site)])
    .planned([planned('a', { worker: 1 }), planned('b', { worker: 2, line: site })])
    .confirmed(one)
    .confirmed(two)

describe('a run with two lines', () => {
  it('merges into both at the same time', () => {
    const run = twoLines().reports(one)
    expect(run.asked('merge-task')).toMatchObject([{ line, task: 'a' }])
    expect(run.reports(two).asked('merge-task')).toMatchObject([{ line: site, task: 'b' }])
  })

  it('moves the head of the line whose merge landed, and publishes this line', () => {
    const run = twoLines().reports(one).reports(two)
    run.when({
      type: 'merge-landed',
      task: TaskId('b'),
      commit: commit('work-b'),
      merge: commit('merge-b'),
      head: commit('merge-b'),
    })
    expect(run.state.lines.get(site)?.head).toBe(commit('merge-b'))
    expect(run.state.lines.get(line)?.head).toBe(commit('base'))
    expect(run.asked('publish')).toMatchObject([{ type: 'publish', line: site }])
    expect(run.state.tasks.get(TaskId('a'))?.phase.name).toBe('merging')
  })

  it('does not wait for the failed merge of another line', () => {
    const run = twoLines().reports(one)
    run.when({
      type: 'merge-failed',
      task: TaskId('a'),
      commit: commit('work-a'),
      reason: 'the disk is full',
      mayHaveLanded: false,
    })
    expect(run.reports(two).asked('merge-task')).toMatchObject([{ line: site, task: 'b' }])
  })

  it('lists each task on its own line only', () => {
    const { state } = twoLines()
    const textOf = (id: LineId) => Object.values(renderTaskLists(state, id, null)).join('')
    expect(textOf(line)).toContain('a: Build a')
    expect(textOf(line)).not.toContain('b: Build b')
    expect(textOf(site)).toContain('b: Build b')
  })

  it('adds a task from a list to the line of that list', () => {
    const run = twoLines().when({
      type: 'lists-edited',
      line: site,
      edits: [{ type: 'added', task: planned('c') }],
      problems: [],
    })
    expect(run.state.tasks.get(TaskId('c'))?.line).toBe(site)
  })

  it('refuses a task for a line that it does not have', () => {
    const run = twoLines()
    const tasks = [planned('c', { line: LineId('docs') })]
    run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(managerId) })
    expect(run.ignored).toBe('Task c names line docs: there are main, site.')
  })

  it('is done only when both are published', () => {
    const run = twoLines().reports(one).lands().reports(two).lands()
    run
      .when({ type: 'run-finished', report: 'r', ...run.from(managerId) })
      .when({ type: 'report-written' })
    for (const id of [line, site]) {
      expect(run.state.run.phase.name).toBe('finishing')
      const head = run.state.lines.get(id)?.head ?? commit('none')
      run.when({ type: 'upstream-merged', line: id, head })
      for (let times = 0; times < 3; times += 1)
        run.when({ type: 'lists-committed', line: id, head }).when({ type: 'published', line: id })
    }
    expect(run.state.run.phase.name).toBe('done')
  })
})

describe('a line', () => {
  it('that was added to the configuration is there after the next start', () => {
    const run = new Run({ workerCount: 1 })
    const credentials = [...run.state.credentials.values()].map(({ id, kind }) => ({ id, kind }))
    const { policy } = run.state
    run.when({ type: 'server-started', policy, lines: [tip(), tip(site)], credentials })
    expect([...run.state.lines.keys()]).toEqual([line, site])
    expect(run.asked('merge-upstream')).toEqual([
      { type: 'merge-upstream', line },
      { type: 'merge-upstream', line: site },
    ])
  })

  it('that the run does not have is ignored', () => {
    const run = new Run({ workerCount: 1 }).when({ type: 'published', line: site })
    expect(run.ignored).toBe('there is no line site')
  })
})
