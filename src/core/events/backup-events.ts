import { backOffMs } from '../model/back-off.ts'
import type { Backup } from '../model/backup.ts'
import { softDelete, softDeleteBackups, removeBackup, setBackup } from '../entities/backup.ts'
import type { Draft } from '../model/draft.ts'
import type { BackupEvent } from '../model/event.ts'
import { releaseTask } from '../entities/task.ts'

/** An engine that is away for a moment is back by then; after that the task waits no longer for it, but the save is tried on. */
const mostTries = 5

/** Takes in what became of a backup; answers why that changes nothing, or null. */
export function applyBackupEvent(draft: Draft, fact: BackupEvent): string | null {
  const backup = draft.state.backups.get(fact.backup)
  if (!backup) return `there is no backup ${fact.backup}`
  const { phase } = backup
  const notNow = `backup ${backup.id} is ${phase.name}`
  switch (fact.type) {
    case 'work-saved':
      if (phase.name !== 'saving') return notNow
      return finishSave(draft, {
        ...backup,
        phase: { name: 'saved', since: draft.at, commit: fact.commit },
      })
    case 'work-unchanged':
      if (phase.name !== 'saving') return notNow
      removeBackup(draft, backup.id)
      return releaseTaskIfOutOfService(draft, backup)
    case 'work-not-saved':
      return phase.name === 'saving' ? fail(draft, backup, phase.tries, fact) : notNow
    case 'backup-deleted':
      if (phase.name !== 'saved') return notNow
      softDelete(draft, backup, phase.commit)
      return null
    case 'backup-restored':
      if (phase.name !== 'deleted') return notNow
      setBackup(draft, {
        ...backup,
        phase: { name: 'saved', since: draft.at, commit: phase.commit },
      })
      return null
    case 'backup-forgotten':
      if (phase.name !== 'forgetting') return notNow
      removeBackup(draft, backup.id)
      return null
  }
}

function fail(
  draft: Draft,
  backup: Backup,
  tries: number,
  { reason, isFinal }: Extract<BackupEvent, { type: 'work-not-saved' }>,
): null {
  if (isFinal)
    return finishSave(draft, { ...backup, phase: { name: 'unsaved', since: draft.at, reason } })
  const until = draft.at + backOffMs(tries, draft.state.rules)
  setBackup(draft, { ...backup, phase: { name: 'failed', since: draft.at, tries, reason, until } })
  return tries >= mostTries ? releaseTaskIfOutOfService(draft, backup) : null
}

function finishSave(draft: Draft, backup: Backup): null {
  setBackup(draft, backup)
  if (draft.state.tasks.get(backup.task)?.phase.name === 'merged')
    softDeleteBackups(draft, backup.task)
  return releaseTaskIfOutOfService(draft, backup)
}

/** Whoever is out of service keeps its task until its work is saved, so that the next one finds it. */
function releaseTaskIfOutOfService(draft: Draft, { instance: id, task }: Backup): null {
  const instance = draft.state.instances.get(id)
  const isOut =
    instance?.phase.name === 'quarantined' ||
    instance?.phase.name === 'stopping' ||
    instance?.phase.name === 'stopped'
  if (isOut && instance.task === task) releaseTask(draft, id)
  return null
}
