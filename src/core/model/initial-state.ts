import { Table } from '../../lib/table.ts'
import { backupsOf } from './backup-groups.ts'
import type { Instant, RunId } from './ids.ts'
import { noHosts } from './hosts.ts'
import { emptyLedger } from './ledger.ts'
import { type LineTip, newLine } from './line.ts'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'
import { tasksOf } from './task-groups.ts'

/** A run before its first event; the hubs of its lines are ready. */
export function initialState(
  id: RunId,
  policy: Policy,
  lines: readonly LineTip[],
  at: Instant,
): State {
  return {
    run: {
      id,
      phase: { name: 'planning', since: at, asked: 0 },
      planCompletedBy: null,
      notices: [],
    },
    policy,
    lines: Table.of(lines.map((tip) => newLine(tip, at))),
    instances: Table.of([]),
    tasks: tasksOf([]),
    merges: [],
    credentials: Table.of([]),
    backups: backupsOf([]),
    ledger: emptyLedger(),
    hosts: noHosts,
    news: [],
  }
}
