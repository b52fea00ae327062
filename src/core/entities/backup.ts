import type { Draft } from '../model/draft.ts'
import { BackupId, type Commit, type InstanceId, type Instant, type TaskId } from '../model/ids.ts'
import type { Backup } from '../model/backup.ts'
import type { State } from '../model/state.ts'

/** A week: whoever misses something of a night's run finds it, and a long project does not grow for ever. */
const retentionMs = 7 * 24 * 3_600_000

/** Has what the worker holds saved; the order of commands keeps it before whatever ends the worker. */
export function saveWork(draft: Draft, instance: InstanceId, task: TaskId, reason: string): void {
  const prefix = `${instance}/${task}/`
  const numbers = [...draft.state.backups.keys()]
    .filter((id) => id.startsWith(prefix))
    .map((id) => Number(id.slice(prefix.length)))
  const id = BackupId(`${prefix}${Math.max(0, ...numbers) + 1}`)
  setBackup(draft, {
    id,
    instance,
    task,
    reason,
    phase: { name: 'saving', since: draft.at, tries: 1 },
  })
  draft.issue({ type: 'save-work', instance, task, backup: id })
}

/** What was merged needs no backups: they stay for a while, out of sight. */
export function softDeleteBackups(draft: Draft, task: TaskId): void {
  for (const backup of draft.state.backups.values()) {
    if (backup.task !== task) continue
    if (backup.phase.name === 'saved') softDelete(draft, backup, backup.phase.commit)
    if (backup.phase.name === 'unsaved' || backup.phase.name === 'failed')
      removeBackup(draft, backup.id)
  }
}

/** Tries again what failed, and forgets what was deleted long enough ago. */
export function expireBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    const { phase } = backup
    if ((phase.name !== 'failed' && phase.name !== 'deleted') || phase.until > draft.at) continue
    if (phase.name === 'failed') save(draft, backup, phase.tries + 1)
    else forget(draft, backup)
  }
}

/** After a restart nobody remembers what was under way. */
export function resumeBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    if (backup.phase.name === 'saving') save(draft, backup, backup.phase.tries)
    if (backup.phase.name === 'forgetting') forget(draft, backup)
  }
}

export function backupDue({ backups }: State): Instant | null {
  const dues = [...backups.values()].flatMap(({ phase }) => ('until' in phase ? [phase.until] : []))
  return dues.length === 0 ? null : Math.min(...dues)
}

/** What others left of a task, the newest of each: whoever goes on with it need not begin again. */
export function recoverableBackups(
  { backups }: State,
  task: TaskId,
  by: InstanceId | null,
): readonly Backup[] {
  const newest = new Map<InstanceId, Backup>()
  for (const backup of backups.values()) {
    if (backup.task !== task || backup.instance === by || backup.phase.name !== 'saved') continue
    const known = newest.get(backup.instance)
    if (!known || known.phase.since <= backup.phase.since) newest.set(backup.instance, backup)
  }
  return [...newest.values()]
}

function save(draft: Draft, backup: Backup, tries: number): void {
  setBackup(draft, { ...backup, phase: { name: 'saving', since: draft.at, tries } })
  draft.issue({
    type: 'save-work',
    instance: backup.instance,
    task: backup.task,
    backup: backup.id,
  })
}

function forget(draft: Draft, backup: Backup): void {
  setBackup(draft, { ...backup, phase: { name: 'forgetting', since: draft.at } })
  draft.issue({ type: 'forget-backup', backup: backup.id })
}

export const softDelete = (draft: Draft, backup: Backup, commit: Commit): void =>
  setBackup(draft, {
    ...backup,
    phase: { name: 'deleted', since: draft.at, commit, until: draft.at + retentionMs },
  })

export const setBackup = (draft: Draft, backup: Backup): void =>
  draft.set({ backups: new Map(draft.state.backups).set(backup.id, backup) })

export function removeBackup(draft: Draft, id: BackupId): void {
  const backups = new Map(draft.state.backups)
  backups.delete(id)
  draft.set({ backups })
}
