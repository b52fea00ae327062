import { beforeEach, describe, expect, it } from 'vitest'
import { manager, one, planned, Run, two } from '../../test/support/run.ts'
import type { Policy } from '../core/model/policy.ts'
import { addUsage } from '../core/model/ledger.ts'
import { lastWordsMs, Standing } from './standing.ts'

const usage = {
  model: 'm',
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  costMicros: 1_000_000,
}

let run: Run
let standing: Standing
const begin = (policy: Partial<Policy> = {}) => {
  run = new Run({ workerCount: 2, ...policy }).planned([planned('a')])
  standing = new Standing(run.at)
}
/** So long after the start of the server that it does not count any more. */
const muchLater = () => {
  run.at += 2 * lastWordsMs
}
const objection = (instance = one) => standing.objectionTo(run.state, instance, run.at)
const spend = (times: number, instance = one) => {
  const { task, credential } = run.instance(instance)
  for (let count = 0; count < times; count += 1) {
    const ledger = addUsage(run.state.ledger, { task, instance, credential, usage })
    run.state = { ...run.state, ledger }
  }
}

beforeEach(() => begin())

describe('an instance that asks the model', () => {
  it('may while it holds a task, also as the Manager, which never holds one', () => {
    muchLater()
    expect(objection()).toBeNull()
    expect(objection(manager)).toBeNull()
  })

  it('may not without a task', () => {
    muchLater()
    expect(objection(two)).toBe('worker-2 holds no task')
  })

  it('may say its last words after its report, and no more after ten minutes', () => {
    muchLater()
    const before = run.state
    run.confirmed(one).reports(one)
    standing.note(before, run.at)
    expect(run.instance(one).task).toBeNull()
    expect(objection()).toBeNull()
    run.at += lastWordsMs - 1
    expect(objection()).toBeNull()
    run.at += 1
    expect(objection()).toBe('worker-1 holds no task')
  })

  it('gets no longer by asking, nor by hooks of a prompt of its own', () => {
    muchLater()
    run.when({ type: 'prompt-confirmed', text: 'my own', ...run.from(two) })
    for (let minute = 0; minute < 5; minute += 1) {
      standing.note(run.state, run.at)
      expect(objection(two)).not.toBeNull()
      run.at += 60_000
    }
  })

  it('may finish within its budget and half of it more, and not beyond', () => {
    begin({ budget: { perTask: { costMicros: 10_000_000 } } })
    spend(14)
    expect(objection()).toBeNull()
    spend(1)
    expect(objection()).toBe('the budget of task a is used up')
    expect(objection(manager)).toBeNull()
  })

  it('may not when the run is far beyond its budget, whatever its role', () => {
    begin({ budget: { perRun: { costMicros: 10_000_000 } } })
    spend(15, manager)
    for (const id of [manager, one, two])
      expect(objection(id)).toBe('the budget of the run is used up')
  })

  it('may not as the Manager of a run that is over', () => {
    muchLater()
    const phase = { name: 'failed', since: 0, reason: 'r' } as const
    run.state = { ...run.state, run: { ...run.state.run, phase } }
    expect(objection(manager)).toBe('the run is over')
  })
})
