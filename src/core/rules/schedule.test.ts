import { describe, expect, it } from 'vitest'
import {
  fail,
  withBusyManager,
  held,
  minutes,
  quota,
  replaced,
} from '../../../test/support/limits.ts'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'

describe('a list', () => {
  it('whose worker lent its credential is completed by the others, to its last task', () => {
    const run = new Run({ workerCount: 2 }, 3)
      .planned([planned('a', { worker: 1 }), planned('b', { worker: 2, dependsOn: [TaskId('a')] })])
      .confirmed(one)
    fail(run, quota(run.at + 600 * minutes))
    expect(held(run, two)).toBe('none')
    run.when({ type: 'credential-replaced', credential: held(run), ...run.from(one) })
    run.confirmed(one).reports(one).stops(one).lands()
    expect(run.instance(one).task).toBe('b')
  })

  it('whose worker lent its credential loses its returned tasks to the others', () => {
    const run = new Run({ workerCount: 2 }, 3)
      .planned([planned('a', { worker: 1 }), planned('b', { worker: 2 })])
      .confirmed(one)
      .confirmed(two)
    // A busy Manager does not lend its credential.
    run.when({ type: 'prompt-confirmed', text: 'a human asks something', ...run.from(manager) })
    run.reports(two).stops(two)
    fail(run, quota(run.at + 600 * minutes))
    expect(held(run, two)).toBe('none')
    run.when({ type: 'credential-replaced', credential: held(run), ...run.from(one) })
    run.confirmed(one).conflicts()
    expect(run.task('b').phase.name).toBe('conflicted')
    run.reports(one).stops(one).lands()
    expect(run.instance(one).task).toBe('b')
  })
})

describe('a credential that Claude Code does not adopt', () => {
  it('restarts an idle instance, which would block its last credential for ever', () => {
    const run = new Run({ workerCount: 1 }, 3).allUp().confirmed(manager).stops(manager)
    const before = held(run, one)
    run.when({ type: 'instance-moved', instance: one, credential: null })
    const next = held(run, one)
    expect(next).not.toBe(before)
    run.when({
      type: 'credential-not-replaced',
      credential: next,
      reason: 'it did not say that it read it',
      ...run.from(one),
    })
    expect(run.instance(one)).toMatchObject({ phase: { name: 'backing-off' }, failures: [] })
    expect(run.later(1_000).asked('start-instance')).toMatchObject([
      { instance: one, credential: next },
    ])
  })
})

describe('a pool in which no credential works', () => {
  it('is detected, although the reports of one instance have a limit', () => {
    const run = new Run({ workerCount: 2 }, 6).planned([planned('a'), planned('b')])
    for (let round = 0; round < 60; round += 1) {
      for (const id of [manager, one, two]) {
        const { phase, credential, credentialInUse } = run.instance(id)
        if (credential !== null && credential !== credentialInUse && phase.name === 'rate-limited')
          run.when({ type: 'credential-replaced', credential, ...run.from(id) })
        if (run.instance(id).phase.name === 'prompted') run.confirmed(id)
        if (run.instance(id).phase.name === 'working' && id !== manager)
          fail(run, { kind: 'spent' }, id)
      }
      run.later(10_000).allUp()
    }
    const names = [...run.state.credentials.values()].map(({ phase }) => phase.name)
    expect(names).toEqual(Array(6).fill('spent'))
  })
})

describe('an instance without a credential', () => {
  it('takes that of an idle worker when it is the Manager', () => {
    const run = new Run({ workerCount: 2, quarantineFailures: 1 }, 2)
      .planned([planned('a', { worker: 1 })])
      .confirmed(one)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(manager) }).allUp()
    expect(run.instance(two)).toMatchObject({ phase: { name: 'ready' }, credential: 'key-1' })
    run.start()
    expect(run.asked('start-instance')).toMatchObject([{ instance: manager, credential: 'key-1' }])
  })

  it('takes it when it holds a task, and waits when it holds none', () => {
    const run = new Run({ workerCount: 2 }, 3).planned([planned('a', { worker: 1 })]).confirmed(one)
    const lent = held(run, two)
    run.when({ type: 'credential-disabled', credential: held(run), reason: 'by hand' })
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) }).later(minutes)
    expect(run.instance(one)).toMatchObject({
      phase: { name: 'starting' },
      task: 'a',
      credential: lent,
    })
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(two) }).later(minutes)
    expect(run.instance(two)).toMatchObject({ phase: { name: 'absent' }, credential: null })
  })

  it('takes it when it is a ready Manager whose hooks were late', () => {
    const run = new Run({ workerCount: 2 }, 2).planned([planned('a', { worker: 1 })]).confirmed(one)
    const asked = () =>
      run.when({ type: 'prompt-confirmed', text: 'a human asks something', ...run.from(manager) })
    asked()
    fail(run, quota(run.at + 10 * minutes), manager)
    asked().stops(manager)
    expect(run.instance(manager)).toMatchObject({ phase: { name: 'ready' }, credential: null })
    // At the reset the other worker starts with it and is idle; so is the Manager, so far.
    run.later(10 * minutes).allUp()
    expect([held(run, manager), held(run, two)]).toEqual(['none', 'key-1'])
    run.reports(one).stops(one).lands()
    expect(held(run, manager)).not.toBe('none')
    expect(run.instance(manager).phase).toMatchObject({
      name: 'prompted',
      prompt: { purpose: 'news' },
    })
  })

  it('gets the lent one again when its window ends, although two instances used it', () => {
    const run = new Run({ workerCount: 2 }, 3).planned([planned('a', { worker: 1 })]).confirmed(one)
    withBusyManager(run)
    const lent = held(run, two)
    fail(run, quota(run.at + 600 * minutes))
    replaced(run)
    run.confirmed(one)
    fail(run, quota(run.at + 10 * minutes))
    expect(run.instance(one)).toMatchObject({
      phase: { name: 'rate-limited', wait: 'parked' },
      credential: null,
      credentialInUse: lent,
    })
    expect(run.later(10 * minutes).typed()).toMatchObject([
      { instance: one, prompt: { purpose: 'resume' } },
    ])
    expect(held(run)).toBe(lent)
  })
})
