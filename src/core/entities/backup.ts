import type { Draft } from '../model/draft.ts'
import { BackupId, type Commit, type InstanceId, type Instant, type TaskId } from '../model/ids.ts'
import type { Backup } from '../model/backup.ts'
import { hubTimeoutMs, timeouts } from '../model/policy.ts'
import { firstTry, nextTry } from '../model/retry.ts'
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
  const phase = { name: 'saving', since: draft.at, tries: 1 } as const
  draft.addBackup({ id, instance, task, reason, phase })
  draft.issue({ type: 'save-work', instance, task, backup: id })
}

/** What was merged needs no backups: they stay for a while, out of sight. */
export function softDeleteBackups(draft: Draft, task: TaskId): void {
  for (const backup of draft.state.backups.values()) {
    if (backup.task !== task) continue
    if (backup.phase.name === 'saved') softDelete(draft, backup.id, backup.phase.commit)
    if (backup.phase.name === 'unsaved' || backup.phase.name === 'failed')
      draft.removeBackup(backup.id)
  }
}

/** A restarted server has no command under way: what a phase waits for is asked again. */
export function resumeBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    if (backup.phase.name === 'saving') save(draft, backup, backup.phase.tries)
    if (backup.phase.name === 'forgetting') forget(draft, backup)
  }
}

/** When the next step of a backup is due; null when it waits for something else. */
export function backupDue({ phase }: Backup): Instant | null {
  if (phase.name === 'saving') return phase.since + timeouts.instanceMs
  return 'until' in phase ? phase.until : null
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

export function save(draft: Draft, { id, instance, task }: Backup, tries: number): void {
  draft.enterBackup(id, { name: 'saving', tries })
  draft.issue({ type: 'save-work', instance, task, backup: id })
}

/** Has it removed from the hub, the first time or again. */
export function forget(draft: Draft, { id, phase }: Backup): void {
  const timeoutMs = hubTimeoutMs(draft.state.rules)
  if (phase.name === 'forgetting')
    draft.setBackup(id, { phase: { ...phase, ...nextTry(phase, draft.at, timeoutMs) } })
  else draft.enterBackup(id, { name: 'forgetting', ...firstTry(draft.at, timeoutMs) })
  draft.issue({ type: 'forget-backup', backup: id })
}

export const softDelete = (draft: Draft, id: BackupId, commit: Commit): void =>
  draft.enterBackup(id, { name: 'deleted', commit, until: draft.at + retentionMs })
