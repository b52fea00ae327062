import type { Retry } from './retry.ts'
import type { BackupId, Commit, InstanceId, Instant, TaskId } from './ids.ts'

/** What a worker's workspace held, committed or not, before something that could lose it. */
export interface Backup {
  readonly id: BackupId
  readonly instance: InstanceId
  readonly task: TaskId
  /** What was about to happen to the worker. */
  readonly reason: string
  readonly phase: BackupPhase
}

/** `transitions.ts` has the legal changes. */
export type BackupPhase =
  | { readonly name: 'saving'; readonly since: Instant; readonly tries: number }
  | {
      readonly name: 'failed'
      readonly since: Instant
      readonly tries: number
      readonly reason: string
      readonly until: Instant
    }
  /** It could not be saved; the workspace still has it. */
  | { readonly name: 'unsaved'; readonly since: Instant; readonly reason: string }
  | { readonly name: 'saved'; readonly since: Instant; readonly commit: Commit }
  /** Hidden; it can be restored until `until`, and is then removed. */
  | {
      readonly name: 'deleted'
      readonly since: Instant
      readonly commit: Commit
      readonly until: Instant
    }
  | (Retry & { readonly name: 'forgetting'; readonly since: Instant })
