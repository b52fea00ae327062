import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { briefOf } from '../text/brief.ts'
import { BackupId, TaskId } from '../model/ids.ts'
import { timeouts } from '../model/policy.ts'
import { nextAlarm } from '../rules/deadlines.ts'

const first = BackupId('worker-1/a/1')
const hours = 3_600_000

/** One worker that works on its task. */
const atWork = () => new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
const lost = (run: Run) => run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
const saved = (run: Run, backup = first) =>
  run.when({ type: 'work-saved', backup, commit: commit('wip') })

describe('the work of a worker is saved', () => {
  it('when it is lost, before it restarts', () => {
    const run = lost(atWork())
    expect(run.asked('save-work')).toEqual([
      { type: 'save-work', line, instance: one, task: 'a', backup: first },
    ])
    expect(run.state.backups.get(first)).toMatchObject({
      instance: one,
      task: 'a',
      reason: 'killed',
      phase: { name: 'saving' },
    })
    saved(run)
    expect(run.state.backups.get(first)?.phase).toMatchObject({
      name: 'saved',
      commit: commit('wip'),
    })
  })

  it('under another number each time', () => {
    const run = saved(lost(atWork())).later(1_000).allUp().confirmed(one)
    expect(lost(run).asked('save-work')).toMatchObject([{ backup: 'worker-1/a/2' }])
  })

  it('when it stopped without a report so often that its task is blocked', () => {
    const run = atWork()
    run.stops(one).stops(one).confirmed(one).stops(one)
    expect(run.task('a').phase.name).toBe('blocked')
    expect(run.asked('save-work')).toMatchObject([{ instance: one, task: 'a' }])
  })

  it('when its task is cancelled', () => {
    const run = atWork().when({
      type: 'task-cancelled',
      task: TaskId('a'),
      reason: 'not needed',
      by: 'operator',
    })
    expect(run.asked('save-work')).toMatchObject([{ instance: one, task: 'a' }])
  })

  it('when it is parked, once', () => {
    const run = new Run({ workerCount: 1 }, 2).planned([planned('a')]).confirmed(one)
    const until = run.at + 1_000_000
    for (const id of [manager, one]) {
      run.when({
        type: 'turn-failed',
        modelError: { kind: 'quota', window: 'weekly', until },
        message: '',
        inSubagent: false,
        ...run.from(id),
      })
    }
    expect(run.instance(one).phase).toMatchObject({ name: 'rate-limited' })
    expect([...run.state.backups.keys()]).toEqual(
      run.instance(one).credential === null ? [first] : [],
    )
  })

  it('and not when there is no task', () => {
    const run = new Run({ workerCount: 1 }).allUp()
    expect(lost(run).asked('save-work')).toEqual([])
  })
})

describe('a worker out of service', () => {
  const toBeStopped = (): Run => {
    const run = new Run({ quarantineFailures: 1 })
      .planned([planned('a', { worker: 1 })])
      .confirmed(one)
    return lost(run)
  }
  const quarantined = (): Run => {
    const run = toBeStopped()
    return run.when({ type: 'instance-stopped', ...run.from(one) })
  }

  it('has its work saved once it is stopped: until then it may change it', () => {
    const run = toBeStopped()
    expect(run.asked('stop-instance')).toHaveLength(1)
    expect(run.asked('save-work')).toEqual([])
    run.when({ type: 'instance-stopped', ...run.from(one) })
    expect(run.asked('save-work')).toMatchObject([{ backup: first }])
  })

  it('has its work saved before it starts again, also when it could not be stopped', () => {
    const run = toBeStopped()
    run.later(run.state.policy.quarantineWindowMs)
    expect(run.asked('save-work')).toMatchObject([{ backup: first }])
    expect(run.asked('start-instance')).toMatchObject([{ instance: one, launch: 2 }])
  })

  it('has its work saved in the end, even if it cannot be stopped', () => {
    const run = toBeStopped()
    for (let tries = 1; tries <= 5; tries += 1) {
      expect(run.asked('save-work')).toEqual([])
      run.when({
        type: 'command-failed',
        command: 'stop-instance',
        reason: 'no engine answers',
        ...run.from(one),
      })
      run.later(timeouts.retryPauseMs)
    }
    expect(run.asked('save-work')).toMatchObject([{ backup: first }])
    expect(saved(run).instance(one).task).toBeNull()
  })

  it('keeps its task until its work is saved, and the next worker’s brief names the backup', () => {
    const run = quarantined()
    expect(run.instance(one)).toMatchObject({ phase: { name: 'quarantined' }, task: 'a' })
    saved(run)
    expect(run.instance(one).task).toBeNull()
    expect(run.task('a').phase).toMatchObject({ name: 'assigned', instance: two })
    const brief = briefOf({
      state: run.state,
      task: TaskId('a'),
      changes: null,
      backups: new Map([[first, 'refs/worktree/backup/worker-1/a/1']]),
    })
    expect(brief).toContain('`refs/worktree/backup/worker-1/a/1`')
    expect(brief).toContain('Look at them')
    const without = briefOf({ state: run.state, task: TaskId('a'), changes: null })
    expect(without).toContain('could not be brought into your workspace')
    expect(without).not.toContain('Look at them')
  })

  it('releases its task when there is nothing to save', () => {
    const run = quarantined().when({ type: 'work-unchanged', backup: first })
    expect(run.task('a').phase).toMatchObject({ name: 'assigned', instance: two })
    expect(run.state.backups.size).toBe(0)
  })

  it('releases its task in the end, even if its work cannot be saved', () => {
    const run = quarantined()
    const refuse = () =>
      run.when({
        type: 'work-not-saved',
        backup: first,
        reason: 'no engine answers',
        isFinal: false,
      })
    for (let tries = 1; tries < 5; tries += 1) {
      refuse()
      expect(run.task('a').phase.name).toBe('working')
      expect(run.later(60_000).asked('save-work')).toHaveLength(1)
    }
    refuse()
    expect(run.task('a').phase).toMatchObject({ name: 'assigned', instance: two })
    expect(run.state.backups.get(first)?.phase).toMatchObject({
      name: 'failed',
      reason: 'no engine answers',
    })
    expect(saved(run.later(60_000)).state.backups.get(first)?.phase.name).toBe('saved')
  })

  it.each([
    ['before it was stopped', toBeStopped, [{ backup: first }]],
    ['while its work was saved', quarantined, [{ backup: first }]],
  ])('starts its task again when the server was killed %s', (_, prepare, saves) => {
    const run = prepare().start()
    expect(run.asked('save-work')).toMatchObject(saves)
    expect(run.instance(one)).toMatchObject({ phase: { name: 'starting' }, task: 'a' })
    run.allUp()
    expect(run.task('a').phase).toMatchObject({ name: 'assigned', instance: one })
  })
})

describe('a backup', () => {
  const withBackup = () => saved(lost(atWork())).later(1_000).allUp().confirmed(one)

  it('of a merged task is hidden, and removed a week later', () => {
    const run = withBackup().reports(one).lands()
    const phase = run.state.backups.get(first)?.phase
    expect(phase).toMatchObject({ name: 'deleted', until: run.at + 7 * 24 * hours })
    run.at += 7 * 24 * hours
    expect(nextAlarm(run.state)).toBeLessThanOrEqual(run.at)
    expect(run.later(0).asked('forget-backup')).toEqual([
      { type: 'forget-backup', line, backup: first },
    ])
    expect(run.later(0).asked('forget-backup')).toEqual([])
    run.when({ type: 'backup-forgotten', backup: first })
    expect(run.state.backups.size).toBe(0)
  })

  it('that was deleted can be restored until it is removed', () => {
    const run = withBackup().when({ type: 'backup-deleted', backup: first })
    expect(run.state.backups.get(first)?.phase.name).toBe('deleted')
    run.when({ type: 'backup-restored', backup: first })
    expect(run.state.backups.get(first)?.phase).toMatchObject({
      name: 'saved',
      commit: commit('wip'),
    })
    expect(run.when({ type: 'backup-restored', backup: first }).ignored).toBe(
      'backup worker-1/a/1 is saved',
    )
    expect(run.when({ type: 'backup-deleted', backup: BackupId('x') }).ignored).toBe(
      'there is no backup x',
    )
  })
})
