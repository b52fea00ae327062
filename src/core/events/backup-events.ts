import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { softDelete, softDeleteBackups } from '../entities/backup.ts'
import type { Backup } from '../model/backup.ts'
import type { Draft } from '../model/draft.ts'
import type { BackupEvent } from '../model/event.ts'
import { failSave, releaseTaskIfOutOfService } from '../rules/backups.ts'

/** Applies what became of a backup. */
export function applyBackupEvent(draft: Draft, event: BackupEvent): Outcome {
  const backup = draft.state.backups.get(event.backup)
  if (!backup) return ignored(`there is no backup ${event.backup}`)
  const { phase } = backup
  const notNow = ignored(`backup ${backup.id} is ${phase.name}`)
  switch (event.type) {
    case 'work-saved':
      if (phase.name !== 'saving') return notNow
      draft.enterBackup(backup.id, { name: 'saved', commit: event.commit })
      finishSave(draft, backup)
      return applied
    case 'work-unchanged':
      if (phase.name !== 'saving') return notNow
      draft.removeBackup(backup.id)
      releaseTaskIfOutOfService(draft, backup)
      return applied
    case 'work-not-saved':
      if (phase.name !== 'saving') return notNow
      if (!event.isFinal) failSave(draft, backup, phase.tries, event.reason)
      else {
        draft.enterBackup(backup.id, { name: 'unsaved', reason: event.reason })
        finishSave(draft, backup)
      }
      return applied
    case 'backup-deleted':
      if (phase.name !== 'saved') return notNow
      softDelete(draft, backup.id, phase.commit)
      return applied
    case 'backup-restored':
      if (phase.name !== 'deleted') return notNow
      draft.enterBackup(backup.id, { name: 'saved', commit: phase.commit })
      return applied
    case 'backup-forgotten':
      if (phase.name !== 'forgetting') return notNow
      draft.removeBackup(backup.id)
      return applied
  }
}

/** A merged task needs no backup; a worker that is out of service releases its task. */
function finishSave(draft: Draft, backup: Backup): void {
  if (draft.state.tasks.get(backup.task)?.phase.name === 'merged')
    softDeleteBackups(draft, backup.task)
  releaseTaskIfOutOfService(draft, backup)
}
