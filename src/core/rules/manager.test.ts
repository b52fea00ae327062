import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run } from '../../../test/support/run.ts'

describe('a run whose push the origin refuses', () => {
  /** Everything is merged, reported and in the lists; the last push is under way. */
  const publishing = () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.stops(one).lands().confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
      .when({ type: 'upstream-merged', line, head: commit('merge-a') })
    for (let lists = 0; lists < 2; lists += 1)
      run.when({ type: 'lists-committed', line, head: commit('merge-a') })
    return run
  }
  const refuse = (run: Run) =>
    run.when({ type: 'publish-refused', line, reason: 'protected', isBehind: false })

  it('pushes two more times before it is done', () => {
    const run = publishing()
    for (let tries = 1; tries < 3; tries += 1) {
      expect(refuse(run).state.run.phase.name).toBe('finishing')
      expect(run.asked('stop-everything')).toEqual([])
      expect(run.later(20_000).asked('publish')).toHaveLength(1)
    }
    expect(refuse(run).state.run.phase.name).toBe('done')
  })

  it('is done as soon as a later push succeeds', () => {
    const run = refuse(publishing()).later(20_000).when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('done')
  })
})

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

  it('makes the server ask again only after the Manager has changed the plan', () => {
    const run = new Run(small).planned([planned('a')], false)
    expect(isAsked(run)).toBe(true)
    expect(isAsked(run.confirmed(manager).stops(manager).later(1_000))).toBe(false)
    submit(run, ['b', 'c'])
    expect(isAsked(mergesNext(run))).toBe(false)
    expect(isAsked(mergesNext(run))).toBe(true)
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
