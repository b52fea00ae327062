import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'

describe('a server that restarts repeatedly', () => {
  const passes = (run: Run, seconds: number): Run => {
    for (let passed = 0; passed < seconds; passed += 5) run.later(5_000)
    return run
  }

  it('restarts an instance that listed its tools while the server was down', () => {
    const run = new Run()
    run.when({ type: 'session-started', source: 'startup', ...run.from(manager) })
    for (let restarts = 0; restarts < 4; restarts += 1) passes(run, 60).start()
    expect(run.instance(manager).launch).toBe(2)
  })

  it('leaves such an instance some time after a restart to list its tools', () => {
    const run = new Run()
    run.when({ type: 'session-started', source: 'startup', ...run.from(manager) })
    passes(run, 80).start()
    passes(run, 20).when({ type: 'tools-listed', ...run.from(manager) })
    expect(run.instance(manager)).toMatchObject({ launch: 1, phase: { name: 'prompted' } })
  })
})

describe('a Manager that is lost while it plans', () => {
  const lost = (run: Run) =>
    run.when({ type: 'instance-lost', cause: 'exit code 137', ...run.from(manager) })

  it('is asked again: an interrupted turn does not count as one without a plan', () => {
    const run = new Run().allUp()
    for (let losses = 0; losses < 4; losses += 1) {
      lost(run).later(60_000).allUp()
      expect(run.state.run.phase.name).toBe('planning')
      expect(run.instance(manager).phase.name).toBe('prompted')
    }
  })

  it('still fails the run after three turns without a plan', () => {
    const run = lost(new Run().allUp()).later(60_000).allUp()
    for (let turns = 0; turns < 3; turns += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase.name).toBe('failed')
  })
})

describe('a worker whose tools are gone because their process was killed', () => {
  const working = () =>
    new Run({ workerCount: 1 }).planned([planned('a'), planned('b'), planned('c')])
  const beginsAndForgets = (run: Run, id: string): Run => {
    run.confirmed(one).when({ type: 'brief-fetched', task: run.task(id).id, ...run.from(one) })
    run.stops(one)
    for (let reminders = 0; reminders < 2; reminders += 1) run.confirmed(one).stops(one)
    expect(run.task(id).phase.name).toBe('blocked')
    return run
  }

  it('blocks one task, and is restarted at the next one instead of blocking them all', () => {
    const run = beginsAndForgets(working(), 'a').confirmed(one).stops(one)
    expect(run.instance(one)).toMatchObject({
      task: 'b',
      phase: { name: 'backing-off', reason: expect.stringContaining('none of its tools') },
    })
    run.later(60_000).comesUp(one)
    expect(run.instance(one)).toMatchObject({ launch: 2, task: 'b', phase: { name: 'prompted' } })
  })

  it('differs from one that fetches its brief but does not report', () => {
    const run = beginsAndForgets(beginsAndForgets(working(), 'a'), 'b')
    expect(run.instance(one).launch).toBe(1)
  })
})
