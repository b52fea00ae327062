import { backupsOf } from '../../src/core/model/backup-groups.ts'
import type { State } from '../../src/core/model/state.ts'
import { tasksOf } from '../../src/core/model/task-groups.ts'
import { Table } from '../../src/lib/table.ts'
import { Unavailable } from '../../src/ports/store-unavailable.ts'
import type { Backup, JournalEntry, MaintainedStore } from '../../src/ports/store.ts'

/**
 * A store in memory. It keeps what it is given, which is never changed in place; a load returns a
 * copy, as from a disk.
 */
export function createFakeStore({
  isFull = () => false,
}: {
  readonly isFull?: () => boolean
} = {}): MaintainedStore {
  let state: State | null = null
  let entries: JournalEntry[] = []
  let sequence = 0
  let newest: Backup | null = null
  const write = () => {
    if (isFull()) throw new Unavailable('the store is full')
  }
  return {
    load: () => state && copyOf(state),
    commit(_before, after, lines) {
      write()
      state = after
      const kept = lines.map((line, index) => ({ sequence: sequence + 1 + index, ...line }))
      sequence += kept.length
      entries.push(...kept)
      return kept
    },
    probe: write,
    journal: (after, limit) => entries.filter((entry) => entry.sequence > after).slice(0, limit),
    trim(keep, limit) {
      write()
      const left = entries.filter(
        (entry, index) => entry.sequence > sequence - keep || index >= limit,
      )
      const count = entries.length - left.length
      entries = left
      return count
    },
    backUp: async (at) => {
      write()
      newest = { path: `/backups/${at}`, at }
      return newest
    },
    newestBackup: () => newest,
    [Symbol.dispose]: () => undefined,
  }
}

function copyOf({ lines, instances, tasks, credentials, backups, ...parts }: State): State {
  const rows = <Row>(table: ReadonlyMap<string, Row>): Row[] => structuredClone([...table.values()])
  return {
    ...structuredClone(parts),
    lines: Table.of(rows(lines)),
    instances: Table.of(rows(instances)),
    tasks: tasksOf(rows(tasks)),
    credentials: Table.of(rows(credentials)),
    backups: backupsOf(rows(backups)),
  }
}
