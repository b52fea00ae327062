import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../test/support/run.ts'
import { BackupId } from '../model/ids.ts'

describe('a save that failed', () => {
  const backup = BackupId('worker-1/a/1')
  const fail = (isFinal: boolean) =>
    new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .when({ type: 'instance-lost', instance: one, launch: 1, cause: 'killed' })
      .when({ type: 'work-not-saved', backup, reason: 'no engine answers', isFinal })

  it('is tried again after a pause unless the failure is final', () => {
    const run = fail(false)
    expect(run.state.backups.get(backup)?.phase.name).toBe('failed')
    expect(run.asked('save-work')).toEqual([])
    expect(run.later(60_000).asked('save-work')).toMatchObject([{ backup }])
  })

  it('is not tried again when the failure is final', () => {
    const run = fail(true)
    expect(run.state.backups.get(backup)?.phase).toMatchObject({
      name: 'unsaved',
      reason: 'no engine answers',
    })
    expect(run.later(60_000).asked('save-work')).toEqual([])
  })
})
