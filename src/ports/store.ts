import type { Command } from '../core/model/command.ts'
import type { Event } from '../core/model/event.ts'
import type { Instant } from '../core/model/ids.ts'
import type { Prompt } from '../core/model/instance.ts'
import type { State } from '../core/model/state.ts'

/** One journal line: the event, the commands it led to and, if it was ignored, why. */
export interface JournalEntry {
  readonly sequence: number
  readonly event: Event
  readonly commands: readonly Command[]
  /** The prompt that the answer to a Stop hook carried. */
  readonly reply: Prompt | null
  readonly ignored: string | null
}

/** The store numbers it. */
export type NewJournalEntry = Omit<JournalEntry, 'sequence'>

/** A complete copy of the store, checked before it got its name. */
export interface Backup {
  readonly path: string
  readonly at: Instant
}

/**
 * The durable state: a change is safe from a crash once `commit` has returned. Every call throws
 * `Damaged` once the store cannot be trusted.
 */
export interface Store extends Disposable {
  /** The state of the last commit, null on a fresh directory. */
  load(): State | null
  /**
   * Writes the difference between the two states and the journal lines that led from one to the
   * other, in one transaction. Throws `Unavailable` when it cannot be written now.
   */
  commit(
    before: State | null,
    after: State,
    lines: readonly NewJournalEntry[],
  ): readonly JournalEntry[]
  /**
   * Proves that the store can be written, with a durable write that changes nothing. Throws
   * `Unavailable` when it cannot be written now.
   */
  probe(): void
  /**
   * Journal lines after `sequence`, oldest first, at most `limit`, without those that were trimmed.
   */
  journal(sequence: number, limit: number): readonly JournalEntry[]
}

/** A store that can be kept small and copied while it is in use. */
export interface MaintainedStore extends Store {
  /**
   * Deletes the oldest journal lines beyond the newest `keep`, at most `limit` of them, and returns
   * how many. Sequence numbers are never reused.
   */
  trim(keep: number, limit: number): number
  /** Copies everything that is committed and removes old copies. Commits may go on meanwhile. */
  backUp(at: Instant): Promise<Backup>
  newestBackup(): Backup | null
}
