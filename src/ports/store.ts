import type { Command } from '../core/command.ts'
import type { Event } from '../core/event.ts'
import type { State } from '../core/state.ts'

/** One journal line: what happened, what it led to, and if nothing, why. */
export interface JournalEntry {
  readonly sequence: number
  readonly event: Event
  readonly commands: readonly Command[]
  readonly ignored: string | null
}

/** The durable state: whatever `commit` returned for is there after a crash. */
export interface Store extends Disposable {
  /** The state of the last commit, null on a fresh directory. */
  load(): State | null
  /** Writes what differs between the two states and the journal line in one transaction; throws `Unavailable` when it cannot be written now. */
  commit(before: State | null, after: State, entry: Omit<JournalEntry, 'sequence'>): JournalEntry
  /** Journal lines after `sequence`, oldest first, at most `limit`. */
  journal(sequence: number, limit: number): readonly JournalEntry[]
}
