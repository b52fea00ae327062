import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { steps, walks } from '../../../test/support/walk.ts'
import { BackupId, TaskId } from '../model/ids.ts'
import { hubTimeoutMs, timeouts } from '../model/policy.ts'
import { isRunOver } from '../model/run.ts'
import type { State } from '../model/state.ts'
import { waitsOf } from '../model/waits.ts'
import { deadlines, nextAlarm } from './deadlines.ts'
import { syncNames } from '../model/line.ts'

const hours = 3_600_000
const first = BackupId('worker-1/a/1')
const atWork = () => new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
const lose = (run: Run) => run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })

/**
 * Every phase of a state that has a deadline according to the table. Behind the head of the queue,
 * a failed merge waits for others; on a rewritten line it waits for a person.
 */
function awaited({ run, lines, instances, tasks, merges, credentials, backups }: State): string[] {
  const named = [
    ...[...lines.values()].flatMap((each) =>
      syncNames.map((name) => ['sync', `${each.id}/${name}`, each[name].name] as const),
    ),
    ...[...instances.values()].map(({ id, phase }) => ['instance', id, phase.name] as const),
    ...[...tasks.values()].map(({ id, phase }) => ['task', id, phase.name] as const),
    ...merges
      .slice(0, 1)
      .filter(({ line: on }) => !lines.get(on)?.rewrite)
      .map(({ task, phase }) => ['merge', task, phase.name] as const),
    ...[...credentials.values()].map(({ id, phase }) => ['credential', id, phase.name] as const),
    ...[...backups.values()].map(({ id, phase }) => ['backup', id, phase.name] as const),
  ]
  const { phase } = run
  const isEnding = 'isWritten' in phase && !phase.isWritten
  return [
    ...(isEnding ? [`run ${run.id} ${phase.name}`] : []),
    ...named
      .filter(([noun, , name]) => waitsOf(noun, name).includes('deadline'))
      .map((each) => each.join(' ')),
  ]
}

describe('in any sequence of events', () => {
  it('a phase that waits has a deadline, and the alarm is the earliest one', () => {
    fc.assert(
      fc.property(walks({ minLength: 50, maxLength: 150 }), ({ begin, path }) => {
        const run = begin()
        for (const { name, n } of path) {
          steps[name]?.(run, n)
          const known = deadlines(run.state)
          const withDeadline = known.map(({ noun, id, phase }) => `${noun} ${id} ${phase}`)
          if (isRunOver(run.state.run)) continue
          expect(withDeadline).toEqual(expect.arrayContaining(awaited(run.state)))
          expect(nextAlarm(run.state)).toBe(Math.min(...known.map(({ at }) => at)))
        }
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})

describe('a merge without a deadline', () => {
  const verdict = { task: TaskId('a'), commit: commit('work-a') }
  const [base, candidate] = [commit('base'), commit('candidate')]
  const seen = { content: 'c1', paths: ['.github/ci.yml'], count: 1, base, candidate, origin: null }
  const rewrite = (run: Run) =>
    run.when({ type: 'upstream-rewritten', line, before: base, after: candidate })

  it.each([
    ['held', (run: Run) => run.when({ type: 'merge-held', ...verdict, work: seen })],
    ['queued', () => rewrite(atWork()).reports(one)],
    [
      'failed',
      (run: Run) =>
        rewrite(run.when({ type: 'merge-failed', reason: 'no', mayHaveLanded: false, ...verdict })),
    ],
  ])('that is %s may wait for a person, as the table says', (phase, wait) => {
    const { state } = wait(atWork().reports(one).stops(one))
    expect(state.merges.map((merge) => merge.phase.name)).toEqual([phase])
    expect(deadlines(state).filter(({ noun }) => noun === 'merge')).toEqual([])
    expect(waitsOf('merge', phase)).toContain('human')
  })
})

describe('a command without an outcome', () => {
  it('that stops an instance is issued again', () => {
    const run = new Run()
    run.start({ ...run.state.policy, workerCount: 1 })
    expect(run.later(timeouts.instanceMs).asked('stop-instance')).toHaveLength(1)
    const stopping = [...run.state.instances.values()].find(
      ({ phase }) => phase.name === 'stopping',
    )
    expect(stopping?.phase).toMatchObject({ tries: 2, reason: expect.stringContaining('20 min') })
  })

  it('that saves work is issued again, up to the same limits as one that fails', () => {
    const run = lose(atWork())
    expect(run.later(timeouts.instanceMs).state.backups.get(first)?.phase).toMatchObject({
      name: 'failed',
      tries: 1,
    })
    expect(run.later(1_000).asked('save-work')).toMatchObject([{ backup: first }])
  })

  it('that merges is issued again; the task cannot be cancelled until the outcome is known', () => {
    const run = atWork().reports(one)
    const { policy } = run.state
    run.later(hubTimeoutMs(policy) - 1_000)
    expect(run.state.merges[0]?.phase.name).toBe('trying')
    run.later(1_000)
    expect(run.state.merges[0]?.phase).toMatchObject({ name: 'failed', mayHaveLanded: true })
    expect(run.later(1_000).asked('merge-task')).toMatchObject([{ task: 'a' }])
    expect(run.lands().task('a').phase.name).toBe('merged')
  })

  it('that checks a merge gets its full time again when the checks run again', () => {
    const run = atWork().reports(one)
    const checking = {
      type: 'merge-checking',
      task: TaskId('a'),
      commit: commit('work-a'),
    } as const
    run.when(checking)
    const ms = hubTimeoutMs(run.state.policy)
    run
      .later(ms - 1_000)
      .when(checking)
      .later(ms - 1_000)
    expect(run.state.merges[0]?.phase.name).toBe('checking')
    expect(run.later(1_000).state.merges[0]?.phase.name).toBe('failed')
  })

  it('that syncs is issued again; a late outcome still counts', () => {
    const run = atWork()
    const late = hubTimeoutMs(run.state.policy)
    expect(run.later(late).state.lines.get(line)?.lists).toMatchObject({ name: 'failed', tries: 1 })
    run.when({ type: 'lists-committed', line, head: commit('base') })
    expect(run.state.lines.get(line)?.lists.name).toBe('current')
    expect(run.later(1_000).asked('merge-upstream')).toHaveLength(1)
  })

  it('gets its full time again when the machine slept', () => {
    const run = lose(atWork().reports(one).stops(one))
    for (const _ of [1, 2]) run.later(24 * hours)
    expect(run.state.merges[0]?.phase.name).toBe('trying')
    expect(run.state.lines.get(line)?.lists.name).toBe('running')
  })
})

describe('a command that fails', () => {
  const ended = () => {
    const run = atWork().reports(one).stops(one).lands().confirmed(manager)
    return run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
  }
  const fail = (run: Run, command: string) =>
    run.when({ type: 'command-failed', command, reason: 'disk full' })

  it('to write the report is issued again after a pause', () => {
    const run = fail(ended(), 'write-report')
    expect(run.state.run.phase).toMatchObject({ name: 'finishing', reason: 'disk full' })
    expect(run.later(timeouts.retryPauseMs).asked('write-report')).toHaveLength(1)
    expect(fail(run.when({ type: 'report-written' }), 'write-report').ignored).toContain('disk')
  })

  it('to stop everything is issued again until everything is stopped', () => {
    const run = ended().when({ type: 'report-written' })
    run.when({ type: 'upstream-merged', line, head: commit('merge-a') })
    for (let time = 0; time < 2; time += 1)
      run.when({ type: 'lists-committed', line, head: commit('merge-a') })
    run.when({ type: 'published', line })
    expect(run.state.run.phase).toMatchObject({ name: 'done', isStopped: false })
    for (let time = 0; time < 2; time += 1) {
      fail(run, 'stop-everything')
      expect(nextAlarm(run.state)).toBe(run.at + timeouts.retryPauseMs)
      expect(run.later(timeouts.retryPauseMs).asked('stop-everything')).toHaveLength(1)
    }
    run.when({ type: 'everything-stopped' })
    expect(run.state.run.phase).toMatchObject({ name: 'done', isStopped: true })
    expect(nextAlarm(run.state)).toBeNull()
    expect(run.start().asked('stop-everything')).toHaveLength(1)
  })

  it('to stop an instance out of service is issued again, and not once it is stopped', () => {
    const run = lose(
      new Run({ workerCount: 1, quarantineFailures: 1 }).planned([planned('a')]).confirmed(one),
    )
    expect(run.asked('stop-instance')).toHaveLength(1)
    const stop = { command: 'stop-instance', reason: 'no engine', ...run.from(one) } as const
    run.when({ type: 'command-failed', ...stop })
    expect(run.later(timeouts.retryPauseMs).asked('stop-instance')).toHaveLength(1)
    run.when({ type: 'instance-stopped', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ name: 'quarantined', stop: null })
    expect(run.when({ type: 'command-failed', ...stop }).ignored).toContain('no engine')
  })

  it('to forget a backup is issued again', () => {
    const run = lose(atWork()).when({ type: 'work-saved', backup: first, commit: commit('wip') })
    run.when({ type: 'backup-deleted', backup: first }).later(8 * 24 * hours)
    run.when({ type: 'command-failed', command: 'forget-backup', reason: 'x', backup: first })
    expect(run.later(timeouts.retryPauseMs).asked('forget-backup')).toHaveLength(1)
    expect(run.state.backups.get(first)?.phase).toMatchObject({ tries: 2, reason: 'x' })
  })
})
