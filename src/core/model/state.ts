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
 * Everything the server believes. Values are never changed in place: entries that did not change keep their
 * identity, so comparing references finds exactly what the store must write.
 */
export interface State {
  readonly run: Run
  readonly rules: Policy
  readonly instances: ReadonlyMap<InstanceId, Instance>
  /** In the order of the plan, which is the order of the queue. */
  readonly tasks: ReadonlyMap<TaskId, Task>
  /** Tasks whose reported commit waits to be merged, first in, first out; the head of it may be under way. */
  readonly merges: readonly Merge[]
  readonly credentials: ReadonlyMap<CredentialId, Credential>
  /** Work that was saved before somebody could lose it, oldest first. */
  readonly backups: ReadonlyMap<BackupId, Backup>
  /** What the answered requests used. */
  readonly ledger: Ledger
  /** What the Manager has not been told yet. */
  readonly news: readonly ManagerNews[]
}
