import { GroupedTable } from '../../lib/grouped-table.ts'
import type { Backup } from './backup.ts'
import type { BackupId, TaskId } from './ids.ts'

/** All backups, the oldest first, grouped by task. */
export type Backups = GroupedTable<BackupId, Backup, TaskId>

export const backupsOf = (backups: Iterable<Backup>): Backups =>
  GroupedTable.of(backups, ({ task }) => [task])
