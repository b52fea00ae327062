import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { managerReport } from './manager-report.ts'

/** A run in which task 0 is done, with so many tasks of 400 characters each. */
function longRun(count: number): Run {
  const tasks = Array.from({ length: count }, (_, index) =>
    planned(`t-${index}`, { title: 'x'.repeat(360), worker: 1 }),
  )
  const run = new Run({ workerCount: 1 }).planned(tasks).confirmed(one)
  return run.briefed(one).reports(one).stops(one).lands()
}
const idsIn = (text: string) => [...text.matchAll(/^- (\S+) \[/gm)].map(([, id]) => id)

describe('the state that the Manager reads', () => {
  it('has every task, in the order of the plan, while it is short', () => {
    const text = managerReport(longRun(5).state)
    expect(idsIn(text)).toEqual(['t-0', 't-1', 't-2', 't-3', 't-4'])
    expect(text).not.toContain('Page')
  })

  it('has pages of bounded length for a long plan, on which each task is once', () => {
    const { state } = longRun(300)
    const pages = Number(/Page 1 of (\d+)/.exec(managerReport(state))?.[1])
    const texts = Array.from({ length: pages }, (_, index) => managerReport(state, index + 1))
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(20_000)
    const ids = texts.flatMap(idsIn)
    expect(new Set(ids).size).toBe(300)
    expect(ids).toHaveLength(300)
    // What is over comes last, and what to do is on every page.
    expect(ids.at(-1)).toBe('t-0')
    expect(texts.every((text) => text.includes('# What needs you'))).toBe(true)
    expect(managerReport(state, 99)).toBe(texts.at(-1))
  })

  it('cuts a task that is too long, and questions that are too many', () => {
    const tasks = Array.from({ length: 9 }, (_, index) =>
      planned(`t-${index}`, { title: 'x'.repeat(9_000), worker: 1 }),
    )
    const run = new Run({ workerCount: 1 }).planned(tasks)
    for (let asked = 0; asked < 9; asked += 1) {
      const { task } = run.confirmed(one).briefed(one).instance(one)
      if (task === null) break
      const question = { task, question: 'q'.repeat(4_000), commit: null }
      run.when({ type: 'task-blocked', ...question, ...run.from(one) })
      for (const backup of run.state.backups.keys()) run.when({ type: 'work-unchanged', backup })
      run.stops(one)
    }
    const text = managerReport(run.state)
    expect(text.match(/is blocked\. worker-1 wrote/g)).toHaveLength(5)
    expect(text).toContain('4 more tasks are blocked. Decide these first')
    expect(text.length).toBeLessThan(40_000)
    expect(run.instance(manager).phase.name).not.toBe('absent')
  })
})
