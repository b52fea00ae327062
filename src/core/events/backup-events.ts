import { softDelete, softDeleteBackups } from '../entities/backup.ts'
import type { Backup } from '../model/backup.ts'
import type { Draft } from '../model/draft.ts'
import type { BackupEvent } from '../model/event.ts'
import { failSave, releaseTaskIfOutOfService } from '../rules/backups.ts'

/** Takes in what became of a backup; answers why that changes nothing, or null. */
export function applyBackupEvent(draft: Draft, fact: BackupEvent): string | null {
  const backup = draft.state.backups.get(fact.backup)
  if (!backup) return `there is no backup ${fact.backup}`
  const { phase } = backup
  const notNow = `backup ${backup.id} is ${phase.name}`
  switch (fact.type) {
    case 'work-saved':
      if (phase.name !== 'saving') return notNow
      draft.enterBackup(backup.id, { name: 'saved', commit: fact.commit })
      finishSave(draft, backup)
      return null
    case 'work-unchanged':
      if (phase.name !== 'saving') return notNow
      draft.removeBackup(backup.id)
      releaseTaskIfOutOfService(draft, backup)
      return null
    case 'work-not-saved':
      if (phase.name !== 'saving') return notNow
      if (!fact.isFinal) failSave(draft, backup, phase.tries, fact.reason)
      else {
        draft.enterBackup(backup.id, { name: 'unsaved', reason: fact.reason })
        finishSave(draft, backup)
      }
      return null
    case 'backup-deleted':
      if (phase.name !== 'saved') return notNow
      softDelete(draft, backup.id, phase.commit)
      return null
    case 'backup-restored':
      if (phase.name !== 'deleted') return notNow
      draft.enterBackup(backup.id, { name: 'saved', commit: phase.commit })
      return null
    case 'backup-forgotten':
      if (phase.name !== 'forgetting') return notNow
      draft.removeBackup(backup.id)
      return null
  }
}

/** It is as safe as it will be: a merged task does not need it, and a worker out of service may lose its task. */
function finishSave(draft: Draft, backup: Backup): void {
  if (draft.state.tasks.get(backup.task)?.phase.name === 'merged')
    softDeleteBackups(draft, backup.task)
  releaseTaskIfOutOfService(draft, backup)
}
