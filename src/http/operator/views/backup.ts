import type { Backup, BackupPhase } from '../../../core/model/backup.ts'
import type { State } from '../../../core/model/state.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { BackupCounts, BackupView } from '../../contract/backup.ts'

/** `repository`: the path of the one that holds the refs. */
export function viewBackup(
  { id, instance, task, reason, phase }: Backup,
  repository: string,
): BackupView {
  const ref = `refs/backup/${id}`
  return {
    id,
    instance,
    task,
    phase: publicPhase[phase.name],
    since: isoTime(phase.since),
    until: 'until' in phase && phase.name !== 'forgetting' ? isoTime(phase.until) : null,
    reason,
    problem: phase.name === 'failed' || phase.name === 'unsaved' ? phase.reason : null,
    ref,
    commit: 'commit' in phase ? phase.commit : null,
    show: `git -C ${repository} log -p ${ref}`,
  }
}

const publicPhase: Record<BackupPhase['name'], BackupView['phase']> = {
  saving: 'saving',
  failed: 'failed',
  unsaved: 'unsaved',
  saved: 'saved',
  deleted: 'deleted',
  forgetting: 'forgetting',
}

export function countBackups({ backups }: State): BackupCounts {
  const phases = [...backups.values()].map(({ phase }) => publicPhase[phase.name])
  const count = (...names: typeof phases) => phases.filter((name) => names.includes(name)).length
  return {
    saved: count('saved'),
    saving: count('saving', 'failed'),
    unsaved: count('unsaved'),
    deleted: count('deleted', 'forgetting'),
  }
}
