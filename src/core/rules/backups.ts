import { backupDue, forget, save } from '../entities/backup.ts'
import { missedAlarmMs } from '../entities/clock-skew.ts'
import { releaseTask } from '../entities/task.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Backup } from '../model/backup.ts'
import type { Draft } from '../model/draft.ts'
import { timeouts } from '../model/policy.ts'
import { lateReason } from '../model/retry.ts'

/** An engine that is away for a moment is back by then; after that the task waits no longer for it, but the save is tried on. */
const maxTriesWithTask = 5

/** Tries again what failed or was given up, and forgets what was deleted long enough ago. */
export function expireBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    const due = backupDue(backup)
    if (due === null || due > draft.at) continue
    const { phase } = backup
    if (phase.name === 'deleted' || phase.name === 'forgetting') forget(draft, backup)
    if (phase.name === 'failed') save(draft, backup, phase.tries + 1)
    if (phase.name !== 'saving') continue
    // A machine that slept has given the command no time to end.
    if (draft.at - due > missedAlarmMs)
      draft.setBackup(backup.id, { phase: { ...phase, since: draft.at } })
    else failSave(draft, backup, phase.tries, lateReason(timeouts.instanceMs))
  }
}

/** The work could not be saved this time: it is tried again after a pause. */
export function failSave(draft: Draft, backup: Backup, tries: number, reason: string): void {
  const until = draft.at + backOffMs(tries, draft.state.rules)
  draft.enterBackup(backup.id, { name: 'failed', tries, reason, until })
  if (tries >= maxTriesWithTask) releaseTaskIfOutOfService(draft, backup)
}

/** Whoever is out of service keeps its task until its work is saved, so that the next one finds it. */
export function releaseTaskIfOutOfService(draft: Draft, { instance: id, task }: Backup): void {
  const instance = draft.state.instances.get(id)
  const isOut =
    instance?.phase.name === 'quarantined' ||
    instance?.phase.name === 'stopping' ||
    instance?.phase.name === 'stopped'
  if (isOut && instance.task === task) releaseTask(draft, id)
}
