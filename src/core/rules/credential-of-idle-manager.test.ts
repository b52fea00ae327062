import { describe, expect, it } from 'vitest'
import { fail, held, minutes, phaseOf, quota, replaced } from '../../../test/support/limits.ts'
import { line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { CredentialId, workerId } from '../model/ids.ts'

const key = (number: number) => CredentialId(`key-${number}`)
const disable = (run: Run, id: CredentialId) =>
  run.when({ type: 'credential-disabled', credential: id, reason: 'by hand' })

const wish = (run: Run, worker: number | null = null) =>
  run.when({
    type: 'lists-edited',
    line,
    problems: [],
    edits: [{ type: 'added', task: planned('wish', { worker }) }],
  })

/**
 * One worker with a task, and two keys: that of the Manager, who has nothing to do, and its own.
 */
const atWork = (workerCount = 1) =>
  new Run({ workerCount }, workerCount + 1)
    .planned(workerCount === 1 ? [planned('a')] : [planned('a'), planned('b')])
    .confirmed(one)

describe('the last credential, which an idle Manager holds', () => {
  it('goes to a worker in the middle of its turn', () => {
    const run = atWork()
    const last = held(run, manager)
    fail(run, quota(run.at + 30 * minutes))
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: last }])
    expect(run.instance(manager).credential).toBeNull()
  })

  it('stays with it when the worker alone took three others out of use', () => {
    const run = new Run({ workerCount: 1 }, 4).planned([planned('a')]).confirmed(one)
    const last = held(run, manager)
    for (let count = 1; count <= 3; count += 1) {
      fail(run, quota(run.at + 300 * minutes))
      if (count < 3) replaced(run).later(10_000).confirmed(one)
    }
    expect(run.instance(one).phase).toMatchObject({ name: 'rate-limited', wait: 'parked' })
    expect(run.instance(manager).credential).toBe(last)
  })

  it('goes to a worker that must start to continue its task', () => {
    const run = atWork()
    const last = held(run, manager)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    disable(run, held(run, one)).later(1_000)
    expect(run.asked('start-instance')).toMatchObject([{ instance: one, credential: last }])
  })

  it('goes to a worker that must start to begin a task', () => {
    const run = new Run({ workerCount: 1 }, 1).planned([planned('a')])
    expect(run.asked('start-instance')).toMatchObject([{ instance: one, credential: key(1) }])
    run.comesUp(one)
    expect(run.instance(one).task).toBe('a')
  })

  it('goes to a worker that is parked once the Manager has nothing to do', () => {
    const run = atWork().when({ type: 'direction-changed', line })
    run.confirmed(manager)
    fail(run, quota(run.at + 300 * minutes))
    expect(run.instance(one).phase).toMatchObject({ name: 'rate-limited', wait: 'parked' })
    run.when({
      type: 'plan-submitted',
      tasks: [planned('a')],
      isComplete: true,
      ...run.from(manager),
    })
    const last = held(run, manager)
    run.stops(manager)
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: last }])
  })

  it('goes to a ready worker that could begin a task', () => {
    const run = atWork().reports(one).stops(one)
    const last = held(run, manager)
    disable(run, held(run, one))
    wish(run)
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: last }])
    expect(run.instance(one).task).toBe('wish')
  })

  it('stays with a Manager that has something to do', () => {
    const run = atWork(2)
    run.confirmed(two)
    run.briefed(one)
    const ask = { task: run.task('a').id, question: '?', commit: null, ...run.from(one) }
    run.when({ type: 'task-blocked', ...ask })
    const last = held(run, manager)
    fail(run, quota(run.at + 30 * minutes), two)
    expect(phaseOf(run, last)?.name).toBe('leased')
    expect(held(run, manager)).toBe(last)
  })

  it('goes to one of the workers that could begin a task', () => {
    const run = atWork(2).confirmed(two)
    for (const id of [one, two]) run.reports(id).stops(id)
    disable(run, held(run, one))
    disable(run, held(run, two))
    wish(run)
    expect(run.asked('replace-credential')).toHaveLength(1)
    expect([held(run, one), held(run, two)]).toContain(key(1))
  })

  it('and that of an idle worker stay where they are while a task is kept for its worker', () => {
    const run = new Run({ workerCount: 3 }, 4).planned([planned('a', { worker: 1 })])
    run.when({ type: 'instance-lost', cause: 'killed', ...run.confirmed(one).from(one) })
    run.when({ type: 'task-cancelled', task: run.task('a').id, reason: 'no', by: 'operator' })
    disable(run, held(run, workerId(3))).later(1_000)
    expect(run.instance(one).phase.name).toBe('starting')
    wish(run, 1)
    expect(run.state.tasks.countIn('queued')).toBe(1)
    expect(run.asked('replace-credential')).toEqual([])
    expect([held(run, manager), held(run, two)]).toEqual([key(1), key(3)])
  })

  it('comes back before the next task when the Manager is needed', () => {
    const run = new Run({ workerCount: 1 }, 1).planned([planned('a'), planned('b'), planned('c')])
    run.comesUp(one).confirmed(one).briefed(one)
    const ask = { task: run.task('a').id, question: '?', commit: null, ...run.from(one) }
    run.when({ type: 'task-blocked', ...ask }).stops(one)
    expect(run.instance(one)).toMatchObject({ task: null, credential: null })
    expect(held(run, manager)).toBe(key(1))
  })
})
