import type { Command } from '../core/model/command.ts'
import type { Event } from '../core/model/event.ts'
import type { Instant } from '../core/model/ids.ts'
import type { State } from '../core/model/state.ts'

/** One journal line: what happened, what it led to, and if nothing, why. */
export interface JournalEntry {
  readonly sequence: number
  readonly event: Event
  readonly commands: readonly Command[]
  readonly ignored: string | null
}

/** A whole copy of the store, checked before it got its name. */
export interface Backup {
  readonly path: string
  readonly at: Instant
}

/** The durable state: whatever `commit` returned for is there after a crash. Everything here throws `Damaged` once it cannot be trusted. */
export interface Store extends Disposable {
  /** The state of the last commit, null on a fresh directory. */
  load(): State | null
  /** Writes what differs between the two states and the journal line in one transaction; throws `Unavailable` when it cannot be written now. */
  commit(before: State | null, after: State, entry: Omit<JournalEntry, 'sequence'>): JournalEntry
  /** Journal lines after `sequence`, oldest first, at most `limit`; those that were trimmed are left out. */
  journal(sequence: number, limit: number): readonly JournalEntry[]
}

/** A store that can be kept small and copied while it is in use. */
export interface MaintainedStore extends Store {
  /** Forgets the oldest journal lines beyond the newest `keep`, at most `limit` of them; answers how many. Numbers are never used again. */
  trim(keep: number, limit: number): number
  /** Copies everything that is committed, and lets old copies go; commits go on meanwhile. */
  backUp(at: Instant): Promise<Backup>
  newestBackup(): Backup | null
}
