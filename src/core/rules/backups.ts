import { backupDue, forget, save } from '../entities/backup.ts'
import { missedAlarmMs } from '../entities/clock-skew.ts'
import { releaseTask } from '../entities/task.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Backup } from '../model/backup.ts'
import type { Draft } from '../model/draft.ts'
import { timeouts } from '../model/policy.ts'
import { lateReason } from '../model/retry.ts'

/**
 * After so many failed saves the task is released; the save is still tried again. A runtime that
 * restarts is back by then.
 */
const maxTriesWithTask = 5

/** Repeats saves that failed or timed out, and removes deleted backups after their retention. */
export function expireBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    const due = backupDue(backup)
    if (due === null || due > draft.at) continue
    const { phase } = backup
    if (phase.name === 'deleted' || phase.name === 'forgetting') forget(draft, backup)
    if (phase.name === 'failed') save(draft, backup, phase.tries + 1)
    if (phase.name !== 'saving') continue
    // While the machine slept, the command had no time to end.
    if (draft.at - due > missedAlarmMs)
      draft.setBackup(backup.id, { phase: { ...phase, since: draft.at } })
    else failSave(draft, backup, phase.tries, lateReason(timeouts.instanceMs))
  }
}

/** The save failed; it is repeated after a back-off. */
export function failSave(draft: Draft, backup: Backup, tries: number, reason: string): void {
  const until = draft.at + backOffMs(tries, draft.state.policy)
  draft.enterBackup(backup.id, { name: 'failed', tries, reason, until })
  if (tries >= maxTriesWithTask) releaseTaskIfOutOfService(draft, backup)
}

/**
 * Releases the task of an instance that is out of service. Called once its work is saved or cannot
 * be: the next worker then finds the backup.
 */
export function releaseTaskIfOutOfService(draft: Draft, { instance: id, task }: Backup): void {
  const instance = draft.state.instances.get(id)
  const isOut =
    instance?.phase.name === 'quarantined' ||
    instance?.phase.name === 'stopping' ||
    instance?.phase.name === 'stopped'
  if (isOut && instance.task === task) releaseTask(draft, id)
}
