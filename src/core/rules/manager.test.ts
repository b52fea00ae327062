import { describe, expect, it } from 'vitest'
import { isManagerSilent } from '../entities/plan-progress.ts'
import { deadlines } from './deadlines.ts'
import { line, manager, one, planned, Run } from '../../../test/support/run.ts'

describe('a plan that is not complete', () => {
  const isAsked = (run: Run) => {
    const { phase } = run.instance(manager)
    return phase.name === 'prompted' && phase.prompt.purpose === 'news'
  }
  const submit = (run: Run, ids: readonly string[]) =>
    run.when({
      type: 'plan-submitted',
      tasks: ids.map((id) => planned(id)),
      isComplete: false,
      ...run.from(manager),
    })
  const mergesNext = (run: Run) => run.confirmed(one).reports(one).stops(one).lands()
  const small = { workerCount: 1 }

  it('makes the server ask the Manager for more tasks when fewer wait than there are workers', () => {
    const tasks = ['a', 'b', 'c'].map((id) => planned(id))
    const run = mergesNext(new Run(small).planned(tasks, false))
    expect([run.task('b').phase.name, run.task('c').phase.name]).toEqual(['assigned', 'queued'])
    expect(isAsked(run)).toBe(false)
    expect(isAsked(mergesNext(run))).toBe(true)
  })

  it('makes the server ask again at once after the Manager has added tasks', () => {
    const run = new Run(small).planned([planned('a')], false)
    expect(isAsked(run)).toBe(true)
    expect(isAsked(run.confirmed(manager).stops(manager).later(1_000))).toBe(false)
    submit(run, ['b', 'c'])
    expect(isAsked(mergesNext(run))).toBe(false)
    expect(isAsked(mergesNext(run))).toBe(true)
  })

  const minutes = 60_000
  /** The Manager says that the plan is not complete, and adds nothing. */
  const addsNothing = (run: Run) => submit(run.confirmed(manager), []).stops(manager)
  /** The minutes until the next request; null when none comes in a day. */
  const untilAsked = (run: Run): number | null => {
    for (let passed = 0; passed < 24 * 60; passed += 1) {
      if (isAsked(run)) return passed
      run.later(minutes)
    }
    return null
  }

  it('makes the server ask less and less often while the Manager adds nothing, and then stop', () => {
    const run = new Run(small).planned([planned('a')], false)
    const pauses: (number | null)[] = []
    for (let next = untilAsked(run); next !== null; next = untilAsked(run)) {
      pauses.push(next)
      addsNothing(run)
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 30])
    expect(isManagerSilent(run.state)).toBe(true)
  })

  it('has a deadline for the next request', () => {
    const run = addsNothing(new Run(small).planned([planned('a')], false))
    expect(deadlines(run.state)).toContainEqual({
      noun: 'run',
      id: run.state.run.id,
      phase: 'executing',
      at: run.at + minutes,
    })
  })

  it('keeps the distance of requests when the clock is set back', () => {
    const run = addsNothing(new Run(small).planned([planned('a')], false))
    run.at -= 60 * minutes
    expect(untilAsked(run.later(0))).toBe(1)
  })

  it('makes the server ask for nothing while the budget of the run is used up', () => {
    const run = new Run({ ...small, budget: { perRun: { tokens: 1 } } })
    run.allUp().confirmed(manager)
    const tokens = { inputTokens: 9, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 }
    const usage = { model: 'm', costMicros: 0, ...tokens }
    run.when({ type: 'usage-counted', credential: null, usage, ...run.from(manager) })
    submit(run, ['a']).stops(manager)
    expect(untilAsked(run)).toBeNull()
  })

  /** Every task is merged, and the Manager has answered three requests with nothing. */
  const stuck = () => {
    const run = new Run(small).planned([planned('a')], false)
    mergesNext(addsNothing(run))
    for (let times = 0; times < 3; times += 1) addsNothing(run)
    return run
  }

  it('does not end by itself when every task is merged, and asks for a person', () => {
    const run = stuck()
    expect(run.state.run.phase.name).toBe('executing')
    expect(isManagerSilent(run.state)).toBe(true)
    expect(untilAsked(run)).toBeNull()
  })

  it('goes on as soon as the Manager or a person adds a task', () => {
    const edits = [{ type: 'added', task: planned('wish') }] as const
    const run = stuck().when({ type: 'lists-edited', line, edits, problems: [] })
    expect(isManagerSilent(run.state)).toBe(false)
    expect(run.task('wish').phase.name).toBe('assigned')
    expect(isAsked(run)).toBe(true)
  })

  it('ends when the operator declares it complete, with or without a report', () => {
    const run = stuck().when({ type: 'plan-completed' })
    for (let times = 0; times < 3; times += 1) {
      expect(isAsked(run)).toBe(true)
      addsNothing(run)
    }
    expect(run.state.run.phase.name).toBe('finishing')
  })

  it('stays complete for the Manager once the operator has declared it complete', () => {
    const run = new Run(small).planned([planned('a')], false).when({ type: 'plan-completed' })
    expect(submit(run, ['b']).ignored).toContain('the operator has declared the plan complete')
    expect(submit(run, []).state.run.planCompletedBy).toBe('operator')
    expect(run.when({ type: 'plan-completed' }).ignored).toContain('complete already')
  })

  it('makes the server ask for nothing once the Manager says that it is complete', () => {
    expect(isAsked(new Run(small).planned([planned('a')]))).toBe(false)
  })
})

describe('a Manager that plans in waves', () => {
  const submit = (run: Run, id: string) =>
    run.when({
      type: 'plan-submitted',
      tasks: [planned(id)],
      isComplete: true,
      ...run.from(manager),
    })

  it('is asked after every wave, however many there are', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('wave-1')])
    for (let wave = 2; wave <= 8; wave += 1) {
      run.confirmed(one).reports(one).stops(one).lands()
      expect(run.state.run.phase.name).toBe('executing')
      submit(run.confirmed(manager), `wave-${wave}`).stops(manager)
      expect(run.task(`wave-${wave}`).phase.name).toBe('assigned')
    }
  })

  it('ends the run without a report only when it lets three requests in a row pass', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('wave-1')])
    run.confirmed(one).reports(one).stops(one).lands()
    run.confirmed(manager).stops(manager).confirmed(manager).stops(manager)
    submit(run.confirmed(manager), 'wave-2').stops(manager)
    run.confirmed(one).reports(one).stops(one).lands()
    for (let turn = 0; turn < 3; turn += 1) {
      expect(run.state.run.phase.name).toBe('executing')
      run.confirmed(manager).stops(manager)
    }
    expect(run.state.run.phase.name).toBe('finishing')
  })
})
