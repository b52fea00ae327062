import type { Commit, Instant, RunId } from './ids.ts'
import { emptyLedger } from './ledger.ts'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'

/** A run before its first event; its hub is ready. */
export function initialState(id: RunId, policy: Policy, head: Commit, at: Instant): State {
  const current = { name: 'current', since: at } as const
  return {
    run: {
      id,
      phase: { name: 'planning', since: at, asked: 0 },
      head,
      planIsComplete: false,
      askedForMore: false,
      lists: current,
      publish: current,
      upstream: current,
    },
    policy,
    instances: new Map(),
    tasks: new Map(),
    merges: [],
    credentials: new Map(),
    backups: new Map(),
    ledger: emptyLedger(),
    news: [],
  }
}
