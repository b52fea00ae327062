import type { Table } from '../../lib/table.ts'
import type { Backups } from './backup-groups.ts'
import type { Credential } from './credential.ts'
import type { Hosts } from './hosts.ts'
import type { CredentialId, InstanceId, LineId } from './ids.ts'
import type { Instance } from './instance.ts'
import type { Ledger } from './ledger.ts'
import type { Line } from './line.ts'
import type { ManagerNews } from './manager-inbox.ts'
import type { Merge } from './merge.ts'
import type { Policy } from './policy.ts'
import type { Run } from './run.ts'
import type { Tasks } from './task-groups.ts'

/**
 * Everything that the server has recorded. Values are never changed in place: unchanged entries
 * keep their identity, so comparing references finds exactly what the store must write.
 */
export interface State {
  readonly run: Run
  readonly policy: Policy
  /** In the order of the configuration; the first is the lead line. */
  readonly lines: Table<LineId, Line>
  readonly instances: Table<InstanceId, Instance>
  /** In the order of the plan, which is the order of the queue. */
  readonly tasks: Tasks
  /**
   * The merge queues of all lines. Per line first in, first out; the first merge of each line may
   * be under way.
   */
  readonly merges: readonly Merge[]
  readonly credentials: Table<CredentialId, Credential>
  /** Oldest first. */
  readonly backups: Backups
  /** The usage of all answered requests. */
  readonly ledger: Ledger
  readonly hosts: Hosts
  /** Notifications that the Manager has not received yet. */
  readonly news: readonly ManagerNews[]
}
