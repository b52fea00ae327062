import type { Instant, RunId } from './ids.ts'
import { emptyLedger } from './ledger.ts'
import { type LineTip, newLine } from './line.ts'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'

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
      planIsComplete: false,
      askedForMore: false,
    },
    policy,
    lines: new Map(lines.map((tip) => [tip.id, newLine(tip, at)])),
    instances: new Map(),
    tasks: new Map(),
    merges: [],
    credentials: new Map(),
    backups: new Map(),
    ledger: emptyLedger(),
    news: [],
  }
}
