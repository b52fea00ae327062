import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { nextAlarm } from './deadlines.ts'
import { BackupId, TaskId } from '../model/ids.ts'

describe('a worker', () => {
  it('gets a task only when its dependencies are merged', () => {
    const run = new Run().planned([
      planned('base'),
      planned('next', { dependsOn: [TaskId('base')] }),
    ])
    expect(run.task('next').phase.name).toBe('waiting')
    run.confirmed(one).reports(one).stops(one).lands()
    expect(run.task('next').phase).toMatchObject({ name: 'assigned' })
  })

  it('gets its next task in the decision about its Stop', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a'), planned('b')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.typed()).toMatchObject([
      { instance: one, prompt: { purpose: 'task', way: 'typed-fresh' } },
    ])
  })

  it('gets it in the answer to the Stop itself when conversations are kept', () => {
    const run = new Run({ workerCount: 1, context: 'same' }).planned([planned('a'), planned('b')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.reply).toMatchObject({ purpose: 'task', way: 'answered' })
    expect(run.typed()).toEqual([])
    run.when({ type: 'brief-fetched', task: TaskId('b'), ...run.from(one) })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.task('b').phase.name).toBe('working')
  })

  it('takes a task of another list when its own is empty, but not the owner’s next', () => {
    const mine = (id: string) => planned(id, { worker: 2 })
    const run = new Run().planned([planned('own', { worker: 1 }), mine('x'), mine('y'), mine('z')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.task('y')).toMatchObject({ assignee: one, phase: { name: 'assigned' } })
    expect(run.task('z').phase.name).toBe('queued')
  })

  it('is reminded twice when it stops without a report (answered, typed), then blocked', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .stops(one)
    expect(run.reply).toMatchObject({ purpose: 'reminder', way: 'answered' })
    run.stops(one)
    expect(run.typed()).toMatchObject([{ prompt: { purpose: 'reminder', way: 'typed' } }])
    run.confirmed(one).stops(one)
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('stopped 3 times without a report'),
    })
    expect(run.instance(one)).toMatchObject({ task: null, phase: { name: 'ready' } })
  })

  it('leaves its task to a person when it stops so after each answer of the Manager', () => {
    const run = new Run({ workerCount: 1, reminders: 0, rounds: 2 }).planned([planned('a')])
    const giveUp = () => {
      run.confirmed(one).briefed(one).stops(one)
      for (const backup of run.state.backups.keys()) run.when({ type: 'work-unchanged', backup })
    }
    const answer = (by: 'manager' | 'operator') =>
      run.when({ type: 'task-answered', task: TaskId('a'), answer: 'try', worker: null, by })
    for (let round = 0; round < 2; round += 1) {
      giveUp()
      expect(answer('manager').ignored).toBeNull()
    }
    giveUp()
    expect(answer('manager').ignored).toContain('a person has to decide')
    expect(run.task('a').phase.name).toBe('blocked')
    expect(answer('operator').ignored).toBeNull()
    giveUp()
    expect(answer('manager').ignored).toBeNull()
  })

  it('is not done while its background tasks still run', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.when({
      type: 'turn-ended',
      backgroundTasks: 1,
      lastMessage: '',
      isAnswerable: true,
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.commands).toEqual([])
  })

  it('that is lost restarts with its conversation, and continues its task as a new attempt', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ name: 'backing-off', until: run.at + 1_000 })
    run.later(1_000)
    expect(run.asked('start-instance')).toMatchObject([{ instance: one, launch: 2, resume: true }])
    run.comesUp(one, 'resume')
    expect(run.typed()).toMatchObject([{ prompt: { purpose: 'resume' } }])
    expect(run.task('a').attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'running'])
  })

  it('that fails too often is quarantined, and another worker gets its task', () => {
    const run = new Run().planned([planned('a', { worker: 1 }), planned('b', { worker: 2 })])
    for (let failure = 0; failure < 5; failure += 1) {
      run
        .when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
        .later(60_000)
        .allUp()
    }
    expect(run.instance(one)).toMatchObject({ phase: { name: 'quarantined' }, credential: null })
    run.when({ type: 'instance-stopped', ...run.from(one) })
    run.when({ type: 'work-unchanged', backup: BackupId('worker-1/a/5') })
    run.confirmed(two).reports(two).stops(two)
    expect(run.task('a')).toMatchObject({ assignee: two, phase: { name: 'assigned' } })
  })

  it('in quarantine starts again when its failures no longer count', () => {
    const run = new Run({ quarantineFailures: 1 }).planned([planned('a', { worker: 1 })])
    run
      .when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
      .when({ type: 'work-unchanged', backup: BackupId('worker-1/a/1') })
    const { until } = run.instance(one).phase as { readonly until: number }
    expect(until).toBe(run.at + run.state.policy.quarantineWindowMs)
    expect(nextAlarm(run.state)).toBeLessThanOrEqual(until)
    run.at = until
    expect(run.later(0).asked('start-instance')).toMatchObject([{ instance: one }])
    expect(run.comesUp(one).instance(one).phase.name).not.toBe('quarantined')
  })

  it('lost in an engine outage has not failed, and continues its attempt', () => {
    const run = new Run({ workerCount: 1, quarantineFailures: 1 })
      .planned([planned('a')])
      .confirmed(one)
    for (let outage = 0; outage < 8; outage += 1) {
      run
        .when({
          type: 'instance-lost',
          cause: 'no engine answers',
          blame: 'engine',
          ...run.from(one),
        })
        .later(60_000)
        .comesUp(one)
    }
    expect(run.instance(one)).toMatchObject({
      phase: { name: 'prompted' },
      failures: [],
      launch: 9,
    })
    expect(run.task('a').attempts).toMatchObject([{ outcome: 'running', launch: 9 }])
    expect(run.reports(one).task('a').attempts).toMatchObject([{ outcome: 'reported' }])
  })

  it('without heartbeats is probed twice, then restarted; any heartbeat resets the count', () => {
    const minutes = 60_000
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    run.when({ type: 'sign-of-life', ...run.from(one) })
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    run.later(10 * minutes)
    expect(run.instance(one).phase).toMatchObject({ name: 'backing-off' })
  })

  it('lost on the same task repeatedly leaves the decision to the Manager', () => {
    const run = new Run({ workerCount: 1, losses: 2, quarantineFailures: 9 })
      .planned([planned('a')])
      .confirmed(one)
    run
      .when({ type: 'instance-lost', cause: 'out of memory', ...run.from(one) })
      .later(60_000)
      .allUp()
      .confirmed(one)
    run.when({ type: 'instance-lost', cause: 'out of memory', ...run.from(one) })
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('out of memory') as string,
    })
    run.later(60_000).allUp()
    expect(run.instance(one)).toMatchObject({ task: null, phase: { name: 'ready' } })
  })

  it('of an older launch is ignored', () => {
    const run = new Run().planned([planned('a')]).confirmed(one)
    run.when({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: '',
      isAnswerable: true,
      instance: one,
      launch: 0,
    })
    expect(run.ignored).toContain('is at launch 1, not 0')
  })
})

describe('a blocked task', () => {
  it('is repeated to the Manager until it answers, less often each time', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run
      .briefed(one)
      .when({
        type: 'task-blocked',
        task: TaskId('a'),
        question: 'Which one?',
        commit: null,
        ...run.from(one),
      })
      .stops(one)
    const minutes = 60_000
    for (const pause of [2, 4, 8]) {
      run.confirmed(manager).stops(manager)
      expect(run.later(pause * minutes - 1).typed()).toEqual([])
      expect(run.later(1).typed()).toMatchObject([
        { instance: manager, prompt: { purpose: 'news' } },
      ])
    }
  })

  it('reaches the Manager at once, and its answer reaches a worker', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.briefed(one).when({
      type: 'task-blocked',
      task: TaskId('a'),
      question: 'Which one?',
      commit: null,
      ...run.from(one),
    })
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
    run.stops(one).when({
      type: 'task-answered',
      task: TaskId('a'),
      answer: 'The first.',
      worker: null,
      by: 'manager',
    })
    expect(run.typed()).toMatchObject([{ instance: one, prompt: { purpose: 'task' } }])
    expect(run.task('a').notes[0]).toContain('The first.')
  })
})
