import { describe, expect, it } from 'vitest'
import { commit, manager, one, planned, Run, two } from '../../test/support/run.ts'
import { TaskId } from './ids.ts'

describe('a run that begins', () => {
  it('starts the Manager and every worker, each with a credential of its own', () => {
    const run = new Run({ workerCount: 3 })
    const started = run.asked('start-instance')
    expect(started.map(({ instance }) => instance)).toEqual(['manager', 'worker-1', 'worker-2', 'worker-3'])
    expect(new Set(started.map(({ credential }) => credential)).size).toBe(4)
  })

  it('leaves an instance waiting when no credential has room', () => {
    const run = new Run({ workerCount: 2 }, 2)
    expect(run.instance(two).phase.name).toBe('absent')
  })

  it('asks the Manager for a plan as soon as it is up', () => {
    const run = new Run().when({ type: 'session-started', source: 'startup', instance: manager, launch: 1 })
    expect(run.asked('send-prompt')).toMatchObject([{ instance: 'manager', prompt: { purpose: 'plan', way: 'typed' } }])
  })

  it('fails visibly when the Manager keeps stopping without a plan', () => {
    const run = new Run().allUp()
    for (let turn = 0; turn < 3; turn += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase).toMatchObject({ name: 'failed', reason: expect.stringContaining('without submitting a plan') })
  })
})

describe('a plan', () => {
  it('is turned away with every mistake named', () => {
    const run = new Run().allUp().confirmed(manager)
    const tasks = [planned('a', { dependsOn: [TaskId('b')] }), planned('b', { dependsOn: [TaskId('a')], worker: 9 }), planned('Bad Id')]
    run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
    expect(run.ignored).toContain('a → b → a')
    expect(run.ignored).toContain('names worker 9')
    expect(run.ignored).toContain('"Bad Id" is no task id')
    expect(run.state.tasks.size).toBe(0)
  })

  it('is shared out evenly, given to ready workers at once, and written into the lists', () => {
    const run = new Run().allUp().confirmed(manager)
    run.when({ type: 'plan-submitted', tasks: ['a', 'b', 'c', 'd'].map((id) => planned(id)), isComplete: true, ...run.from(manager) })
    expect(run.asked('send-prompt').map(({ instance }) => instance)).toEqual([one, two])
    expect(['a', 'b', 'c', 'd'].map((id) => run.task(id).assignee)).toEqual([one, two, one, two])
    expect(run.asked('commit-lists')).toHaveLength(1)
  })

  it('waits for a human when the rules say so', () => {
    const run = new Run({ plan: 'approve' }).planned([planned('a')])
    expect(run.state.run.phase.name).toBe('awaiting-approval')
    expect(run.task('a').phase.name).toBe('proposed')
    run.when({ type: 'plan-approved' })
    expect(run.task('a').phase.name).toBe('assigned')
  })

  it('cannot replace a task that was begun', () => {
    const run = new Run().planned([planned('a')])
    run.when({ type: 'plan-submitted', tasks: [planned('a', { title: 'Other' })], isComplete: true, ...run.from(manager) })
    expect(run.ignored).toContain('cannot be replaced')
  })
})

describe('a worker', () => {
  it('takes a task only when its dependencies are merged', () => {
    const run = new Run().planned([planned('base'), planned('next', { dependsOn: [TaskId('base')] })])
    expect(run.task('next').phase.name).toBe('waiting')
    run.confirmed(one).reports(one).stops(one).lands()
    expect(run.task('next').phase).toMatchObject({ name: 'assigned' })
  })

  it('gets its next task in the decision that takes its Stop', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a'), planned('b')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.asked('send-prompt')).toMatchObject([{ instance: one, prompt: { purpose: 'task', way: 'typed-fresh' } }])
  })

  it('gets it in the answer to the Stop itself when conversations are kept', () => {
    const run = new Run({ workerCount: 1, context: 'same' }).planned([planned('a'), planned('b')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.asked('send-prompt')).toMatchObject([{ prompt: { way: 'answered' } }])
    run.when({ type: 'brief-fetched', task: TaskId('b'), ...run.from(one) })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.task('b').phase.name).toBe('working')
  })

  it('helps itself from another list when its own is empty, and leaves the owner its next task', () => {
    const mine = (id: string) => planned(id, { worker: 2 })
    const run = new Run().planned([planned('own', { worker: 1 }), mine('x'), mine('y'), mine('z')])
    run.confirmed(one).reports(one).stops(one)
    expect(run.task('y')).toMatchObject({ assignee: one, phase: { name: 'assigned' } })
    expect(run.task('z').phase.name).toBe('queued')
  })

  it('is reminded twice when it stops without a report, then its task is shown as blocked', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .stops(one)
    expect(run.asked('send-prompt')).toMatchObject([{ prompt: { purpose: 'reminder', way: 'answered' } }])
    run.stops(one)
    expect(run.asked('send-prompt')).toMatchObject([{ prompt: { purpose: 'reminder' } }])
    run.stops(one)
    expect(run.task('a').phase).toMatchObject({ name: 'blocked', question: expect.stringContaining('stopped 3 times without a report') })
    expect(run.instance(one)).toMatchObject({ task: null, phase: { name: 'ready' } })
  })

  it('is not done while something of it still runs in the background', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.when({ type: 'turn-ended', backgroundTasks: 1, lastMessage: '', isAnswerable: true, ...run.from(one) })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.commands).toEqual([])
  })

  it('that is lost rests, starts again with its conversation and goes on with its task as a new attempt', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ name: 'resting', until: run.at + 1_000 })
    run.later(1_000)
    expect(run.asked('start-instance')).toMatchObject([{ instance: one, launch: 2, resume: true }])
    run.when({ type: 'session-started', source: 'resume', ...run.from(one) })
    expect(run.asked('send-prompt')).toMatchObject([{ prompt: { purpose: 'resume' } }])
    expect(run.task('a').attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'running'])
  })

  it('that fails too often is taken out of service and its task given away', () => {
    const run = new Run().planned([planned('a', { worker: 1 }), planned('b', { worker: 2 })])
    for (let failure = 0; failure < 5; failure += 1) {
      run
        .when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
        .later(60_000)
        .allUp()
    }
    expect(run.instance(one)).toMatchObject({ phase: { name: 'quarantined' }, credential: null })
    run.confirmed(two).reports(two).stops(two)
    expect(run.task('a')).toMatchObject({ assignee: two, phase: { name: 'assigned' } })
  })

  it('of an older launch is not listened to', () => {
    const run = new Run().planned([planned('a')]).confirmed(one)
    run.when({ type: 'turn-ended', backgroundTasks: 0, lastMessage: '', isAnswerable: true, instance: one, launch: 0 })
    expect(run.ignored).toContain('is at launch 1, not 0')
  })
})

describe('a prompt', () => {
  it('that is not confirmed in time is sent again, and after the last try the instance is started anew', () => {
    const run = new Run({ promptTries: 3 }).allUp()
    for (const tries of [2, 3]) expect(run.later(15_000).asked('send-prompt')).toMatchObject([{ instance: manager, tries }])
    run.later(15_000)
    expect(run.instance(manager).phase.name).toBe('resting')
  })

  it('is not mistaken for somebody else’s', () => {
    const run = new Run().allUp().when({ type: 'prompt-confirmed', text: 'hello from a human', instance: manager, launch: 1 })
    expect(run.instance(manager).phase.name).toBe('prompted')
  })

  it('typed where nothing can help costs the launch, not four tries', () => {
    const run = new Run().allUp()
    run.when({ type: 'prompt-not-sent', prompt: 'p1', obstacle: 'a bare shell', isHopeless: true, ...run.from(manager) })
    expect(run.instance(manager).phase).toMatchObject({ name: 'resting', reason: 'its terminal shows a bare shell' })
  })
})

describe('a hook', () => {
  it('heard twice has one effect, even if the first time it had none', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    const stop = { type: 'turn-ended', backgroundTasks: 0, lastMessage: '', isAnswerable: true, sequence: 7, ...run.from(one) } as const
    expect(run.when(stop).ignored).toBe('worker-1 is prompted')
    run.confirmed(one)
    expect(run.when(stop).ignored).toBe('hook 7 of worker-1 was heard before')
    expect(run.instance(one).phase.name).toBe('working')
  })
})

describe('the merge queue', () => {
  it('merges one at a time, first in, first out', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    run.reports(two)
    expect(run.asked('merge-task')).toMatchObject([{ task: 'b' }])
    run.reports(one)
    expect(run.asked('merge-task')).toEqual([])
    run.lands()
    expect(run.asked('merge-task')).toMatchObject([{ task: 'a' }])
    expect(run.task('b').phase).toMatchObject({ name: 'merged', commit: commit('merge-b') })
  })

  it('hands a conflict straight back to the owner with both intents', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
      .stops(one)
      .conflicts()
    expect(run.asked('send-prompt')).toMatchObject([{ instance: one, prompt: { purpose: 'rework' } }])
    expect(run.task('a')).toMatchObject({ returns: 1, returned: { kind: 'conflict', paths: ['index.js'] } })
  })

  it('lets the Manager decide after two returns', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    for (let turn = 0; turn < 2; turn += 1) run.reports(one, `try-${turn}`).stops(one).conflicts().confirmed(one)
    run.reports(one, 'try-3').stops(one).conflicts()
    expect(run.task('a').phase).toMatchObject({ name: 'blocked', question: expect.stringContaining('came back 3 times') })
    expect(run.asked('send-prompt')).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
  })

  it('tries a merge again after a pause when the attempt itself failed', () => {
    const run = new Run()
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.when({ type: 'merge-failed', task: TaskId('a'), commit: commit('work-a'), reason: 'disk full' })
    expect(run.asked('merge-task')).toEqual([])
    expect(run.later(1_000).asked('merge-task')).toHaveLength(1)
  })

  it('ignores the verdict on a merge that is not under way', () => {
    const run = new Run().planned([planned('a')])
    run.when({ type: 'merge-landed', task: TaskId('a'), commit: commit('x'), merge: commit('m'), head: commit('m') })
    expect(run.ignored).toContain('no merge of a')
  })
})

describe('a blocked task', () => {
  it('reaches the Manager at once, and its answer reaches a worker', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    run.when({ type: 'task-blocked', task: TaskId('a'), question: 'Which one?', commit: null, ...run.from(one) })
    expect(run.asked('send-prompt')).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
    run.stops(one).when({ type: 'task-answered', task: TaskId('a'), answer: 'The first.', worker: null, by: 'manager' })
    expect(run.asked('send-prompt')).toMatchObject([{ instance: one, prompt: { purpose: 'task' } }])
    expect(run.task('a').notes[0]).toContain('The first.')
  })
})

describe('the end', () => {
  const finished = () =>
    new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
      .stops(one)
      .lands()

  it('is the Manager’s to declare, once everything is over', () => {
    const run = finished()
    expect(run.asked('send-prompt')).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
    run.confirmed(manager).when({ type: 'run-finished', report: 'All good.', ...run.from(manager) })
    expect(run.asked('write-report')).toEqual([{ type: 'write-report', report: 'All good.' }])
  })

  it('cannot be declared while a task is open', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    run.when({ type: 'run-finished', report: 'Done!', ...run.from(manager) })
    expect(run.ignored).toContain('1 tasks are not over yet')
  })

  it('stops everything when the report is written, the lists are current and the origin has the work', () => {
    const run = finished().confirmed(manager)
    run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) }).when({ type: 'report-written' })
    run.when({ type: 'upstream-merged', head: commit('merge-a') })
    run.when({ type: 'lists-committed', head: commit('merge-a') }).when({ type: 'lists-committed', head: commit('merge-a') })
    expect(run.state.run.phase.name).toBe('finishing')
    run.when({ type: 'published' })
    expect(run.state.run.phase.name).toBe('done')
    expect(run.asked('stop-everything')).toHaveLength(1)
  })

  it('comes without the Manager’s report when it never gives one', () => {
    const run = finished()
    for (let turn = 0; turn < 3; turn += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase.name).toBe('finishing')
  })
})

describe('a server that starts again', () => {
  it('asks again for what every phase in flight waits for, and starts nothing twice', () => {
    const run = new Run()
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
    run.start()
    expect(run.asked('start-instance')).toEqual([])
    expect(run.asked('merge-task')).toMatchObject([{ task: 'a' }])
  })

  it('starts a launch that was under way under the same number', () => {
    const run = new Run({ workerCount: 1 })
    run.start()
    expect(run.asked('start-instance')).toMatchObject([
      { instance: manager, launch: 1 },
      { instance: one, launch: 1 },
    ])
  })

  it('dismisses workers that the rules no longer ask for', () => {
    const run = new Run().planned([planned('a'), planned('b')])
    run.start({ ...run.state.rules, workerCount: 1 })
    expect(run.asked('stop-instance')).toMatchObject([{ instance: two }])
    expect(run.task('b').phase.name).toBe('queued')
  })
})
