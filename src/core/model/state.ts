import type { Backup } from './backup.ts'
import type { Credential } from './credential.ts'
import type { BackupId, CredentialId, InstanceId, TaskId } from './ids.ts'
import type { Instance } from './instance.ts'
import type { Ledger } from './ledger.ts'
import type { ManagerNews } from './manager-inbox.ts'
import type { Merge } from './merge.ts'
import type { Policy } from './policy.ts'
import type { Run } from './run.ts'
import type { Task } from './task.ts'

/**
 * Everything that the server has recorded. Values are never changed in place: unchanged entries
 * keep their identity, so comparing references finds exactly what the store must write.
 */
export interface State {
  readonly run: Run
  readonly policy: Policy
  readonly instances: ReadonlyMap<InstanceId, Instance>
  /** In the order of the plan, which is the order of the queue. */
  readonly tasks: ReadonlyMap<TaskId, Task>
  /** The merge queue, first in, first out; the merge at its head may be under way. */
  readonly merges: readonly Merge[]
  readonly credentials: ReadonlyMap<CredentialId, Credential>
  /** Oldest first. */
  readonly backups: ReadonlyMap<BackupId, Backup>
  /** The usage of all answered requests. */
  readonly ledger: Ledger
  /** Notifications that the Manager has not received yet. */
  readonly news: readonly ManagerNews[]
}
