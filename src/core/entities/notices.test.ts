import { describe, expect, it } from 'vitest'
import { line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import type { ListEdit } from '../model/plan.ts'
import { managerReport } from '../text/manager-report.ts'

const [a, b] = [TaskId('a'), TaskId('b')]
const atWork = () =>
  new Run({ workerCount: 1 })
    .planned([planned('a'), planned('b'), planned('c', { dependsOn: [b] })])
    .confirmed(one)
const edit = (run: Run, edits: readonly ListEdit[], problems: readonly string[] = []) =>
  run.when({ type: 'lists-edited', line, edits, problems })
const submit = (run: Run, ids: readonly string[] = []) =>
  run.when({
    type: 'plan-submitted',
    tasks: ids.map((id) => planned(id)),
    isComplete: true,
    ...run.from(manager),
  })
const textsOf = (run: Run) => run.state.run.notices.map(({ text }) => text)
const isAsked = (run: Run) => {
  const { phase } = run.instance(manager)
  return phase.name === 'prompted' && phase.prompt.purpose === 'news'
}

describe('an edit that cannot be carried out', () => {
  const problem = 'Task a was removed from its list, but it is working: cancel it to stop it.'

  it('is shown once for ten thousand tasks, of which a thousand are added', () => {
    const edits = Array.from({ length: 10_000 }, (_, n) => n).map(
      (n): ListEdit => ({
        type: 'added',
        task: planned(`wish-${n}`, { worker: n % 50 === 0 ? 9 : 1 }),
      }),
    )
    const run = edit(atWork(), edits)
    expect(run.state.tasks.size).toBe(1_000)
    const texts = textsOf(run)
    expect(texts).toHaveLength(20)
    expect(new Set(texts).size).toBe(20)
    expect(texts.at(-1)).toMatch(/^\d+ more edits were not carried out\.$/)
  })

  it('is shown to the Manager, which is prompted, until the lists are edited again', () => {
    const run = edit(atWork(), [{ type: 'removed', task: a, worker: 1 }])
    expect(isAsked(run)).toBe(true)
    expect(managerReport(run.state)).toContain(`# What people did\n\n- ${problem}`)
    run.confirmed(manager).stops(manager)
    expect(textsOf(run)).toEqual([problem])
    edit(run, [{ type: 'added', task: planned('wish') }])
    expect(textsOf(run)).toEqual([])
  })

  it('leaves a bounded number of notices of bounded length', () => {
    const run = edit(
      atWork(),
      [],
      Array.from({ length: 500 }, (_, index) => `line ${index}: ${'x'.repeat(5_000)}`),
    )
    expect(textsOf(run)).toHaveLength(20)
    expect(Math.max(...textsOf(run).map((text) => text.length))).toBe(600)
  })
})

describe('a cancellation by a person', () => {
  it('is shown to the Manager with all that it takes along, until it plans again', () => {
    const run = atWork().when({ type: 'task-cancelled', task: b, reason: 'no', by: 'operator' })
    const text = 'A person cancelled b (no). What depends on it is cancelled too: c.'
    expect(isAsked(run)).toBe(true)
    expect(managerReport(run.state)).toContain(text)
    expect(textsOf(submit(run, ['d']))).toEqual([])
  })

  it('is one also when the item is removed from its list', () => {
    expect(textsOf(edit(atWork(), [{ type: 'removed', task: b, worker: 1 }]))).toEqual([
      'A person removed b from its list. What depends on it is cancelled too: c.',
    ])
  })

  it('is not one when the Manager cancels', () => {
    const run = atWork().when({ type: 'task-cancelled', task: b, reason: 'no', by: 'manager' })
    expect(textsOf(run)).toEqual([])
  })
})

describe('a changed direction', () => {
  const redirect = (run: Run) => run.when({ type: 'direction-changed', line })

  it('makes the Manager plan again: the plan need not be complete any more', () => {
    const run = redirect(atWork())
    expect(isAsked(run)).toBe(true)
    expect(run.state.run.planCompletedBy).toBeNull()
    expect(managerReport(run.state)).toContain('PROJECT_DIRECTION.md was changed. Read it again')
    expect(textsOf(submit(run))).toEqual([])
    expect(run.state.run.planCompletedBy).toBe('manager')
  })

  it('is not passed over by the report of a Manager that did not look', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    redirect(run.briefed(one).reports(one).stops(one).lands())
    const report = { type: 'run-finished', report: 'ok', ...run.from(manager) } as const
    expect(run.when(report).ignored).toContain('PROJECT_DIRECTION.md was changed')
    expect(submit(run).when(report).state.run.phase.name).toBe('finishing')
  })

  it('takes back an end that has begun', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.briefed(one).reports(one).stops(one).lands()
    run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
    expect(redirect(run).state.run.phase.name).toBe('executing')
  })

  it('needs nothing before there is a plan', () => {
    expect(redirect(new Run()).ignored).toContain('reads the file when it plans')
  })
})
