import { recoverableBackups } from '../core/entities/backup.ts'
import type { BackupId, InstanceId } from '../core/model/ids.ts'
import type { State } from '../core/model/state.ts'
import type { Task } from '../core/model/task.ts'
import type { RepositoryOf } from '../ports/repository.ts'
import type { Workspaces } from '../ports/workspaces.ts'

interface Parts {
  readonly state: State
  readonly repositoryOf: RepositoryOf
  readonly workspaces: Workspaces
}

/**
 * Brings what other workers left of the task into the workspace of the one that holds it: no
 * instance sees the repository of backups. Returns the ref of each backup that came there.
 */
export async function deliverBackups(
  { id, line }: Task,
  instance: InstanceId,
  { state, repositoryOf, workspaces }: Parts,
): Promise<ReadonlyMap<BackupId, string>> {
  const delivered = new Map<BackupId, string>()
  for (const backup of recoverableBackups(state, id, instance)) {
    const receivePack = workspaces.receivePack(instance)
    try {
      const ref = await repositoryOf(line).deliverBackup(instance, backup.id, receivePack)
      if (ref !== null) delivered.set(backup.id, ref)
    } catch {
      // The worker waits for its brief, which names those that did not come.
      break
    }
  }
  return delivered
}
