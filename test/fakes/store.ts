import type { State } from '../../src/core/state.ts'
import type { JournalEntry, Store } from '../../src/ports/store.ts'

/** A store in memory; it keeps what it is given as JSON would, so that nothing is shared with whoever gave it. */
export function createFakeStore(): Store {
  let state: State | null = null
  const entries: JournalEntry[] = []
  return {
    load: () => structuredClone(state),
    commit(_before, after, entry) {
      state = structuredClone(after)
      const kept = { sequence: entries.length + 1, ...structuredClone(entry) }
      entries.push(kept)
      return kept
    },
    journal: (sequence, limit) => entries.slice(sequence, sequence + limit),
    [Symbol.dispose]: () => undefined,
  }
}
