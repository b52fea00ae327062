import type { Draft } from '../model/draft.ts'
import { BackupId, type Commit, type InstanceId, type Instant, type TaskId } from '../model/ids.ts'
import type { Backup } from '../model/backup.ts'
import { hubTimeoutMs, timeouts } from '../model/policy.ts'
import { firstTry, nextTry } from '../model/retry.ts'
import type { State } from '../model/state.ts'

/**
 * A week: long enough to miss something of a night's run, short enough that the hub does not grow.
 */
const retentionMs = 7 * 24 * 3_600_000

/**
 * Issues a save of the workspace. Call it before the command that ends the worker: commands keep
 * their order.
 */
export function saveWork(draft: Draft, instance: InstanceId, task: TaskId, reason: string): void {
  const prefix = `${instance}/${task}/`
  const numbers = draft.state.backups
    .in(task)
    .filter((backup) => backup.instance === instance)
    .map((backup) => Number(backup.id.slice(prefix.length)))
  const id = BackupId(`${prefix}${Math.max(0, ...numbers) + 1}`)
  const phase = { name: 'saving', since: draft.at, tries: 1 } as const
  draft.addBackup({ id, instance, task, reason, phase })
  draft.issue({ type: 'save-work', line: draft.task(task).line, instance, task, backup: id })
}

/**
 * A merged task needs no backups: saved ones stay restorable for `retentionMs`, the others are
 * removed.
 */
export function softDeleteBackups(draft: Draft, task: TaskId): void {
  for (const backup of draft.state.backups.in(task)) {
    if (backup.phase.name === 'saved') softDelete(draft, backup.id, backup.phase.commit)
    if (backup.phase.name === 'unsaved' || backup.phase.name === 'failed')
      draft.removeBackup(backup.id)
  }
}

/** After a restart no command is under way: issues again those that the phases wait for. */
export function resumeBackups(draft: Draft): void {
  for (const backup of draft.state.backups.values()) {
    if (backup.phase.name === 'saving') save(draft, backup, backup.phase.tries)
    if (backup.phase.name === 'forgetting') forget(draft, backup)
  }
}

/** The deadline of a backup's phase; null when it has none. */
export function backupDue({ phase }: Backup): Instant | null {
  if (phase.name === 'saving') return phase.since + timeouts.instanceMs
  return 'until' in phase ? phase.until : null
}

/** The newest saved backup of each other instance that worked on the task, for its next worker. */
export function recoverableBackups(
  { backups }: State,
  task: TaskId,
  by: InstanceId | null,
): readonly Backup[] {
  const newest = new Map<InstanceId, Backup>()
  for (const backup of backups.in(task)) {
    if (backup.instance === by || backup.phase.name !== 'saved') continue
    const known = newest.get(backup.instance)
    if (!known || known.phase.since <= backup.phase.since) newest.set(backup.instance, backup)
  }
  return [...newest.values()]
}

export function save(draft: Draft, { id, instance, task }: Backup, tries: number): void {
  draft.enterBackup(id, { name: 'saving', tries })
  draft.issue({ type: 'save-work', line: draft.task(task).line, instance, task, backup: id })
}

/** Issues its removal from the hub, the first time or again. */
export function forget(draft: Draft, { id, task, phase }: Backup): void {
  const timeoutMs = hubTimeoutMs(draft.state.policy)
  if (phase.name === 'forgetting')
    draft.setBackup(id, { phase: { ...phase, ...nextTry(phase, draft.at, timeoutMs) } })
  else draft.enterBackup(id, { name: 'forgetting', ...firstTry(draft.at, timeoutMs) })
  draft.issue({ type: 'forget-backup', line: draft.task(task).line, backup: id })
}

export const softDelete = (draft: Draft, id: BackupId, commit: Commit): void =>
  draft.enterBackup(id, { name: 'deleted', commit, until: draft.at + retentionMs })
