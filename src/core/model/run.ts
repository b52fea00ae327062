import type { Commit, Instant, RunId } from './ids.ts'
import type { Retry } from './retry.ts'

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** The head of the target branch in the hub. */
  readonly head: Commit
  /** True once the Manager declared that its plan covers PROJECT_DIRECTION.md. */
  readonly planIsComplete: boolean
  /** The Manager was asked for more tasks and has not changed the plan since. */
  readonly askedForMore: boolean
  /** The task lists on the target branch match the plan. */
  readonly lists: Sync
  /** The origin has the hub's head. */
  readonly publish: Sync
  /** The hub has the origin's head. */
  readonly upstream: Sync
}

/** `transitions.ts` has the legal changes of these phases and of those of a sync. */
export type RunPhase =
  | { readonly name: 'planning'; readonly since: Instant; readonly asked: number }
  | { readonly name: 'awaiting-approval'; readonly since: Instant }
  | { readonly name: 'executing'; readonly since: Instant; readonly askedToFinish: number }
  /** `write-report` is issued until `isWritten`; then the run waits for its syncs. */
  | (Retry & {
      readonly name: 'finishing'
      readonly since: Instant
      readonly report: string
      readonly isWritten: boolean
    })
  /** `stop-everything` is issued until `isStopped`. */
  | (Retry & {
      readonly name: 'done'
      readonly since: Instant
      readonly report: string
      readonly isStopped: boolean
    })
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string }

export const isRunOver = ({ phase }: Run): boolean =>
  phase.name === 'done' || phase.name === 'failed'

export type SyncName = { [Key in keyof Run]: Run[Key] extends Sync ? Key : never }[keyof Run]

/** Keeps the lists, the origin or the hub up to date: its command runs whenever it is `outdated`. */
export type Sync =
  | { readonly name: 'current'; readonly since: Instant }
  | { readonly name: 'outdated' }
  /** `isStale`: something changed while it ran, so it must run again. */
  | {
      readonly name: 'running'
      readonly since: Instant
      readonly tries: number
      readonly isStale: boolean
    }
  | {
      readonly name: 'failed'
      readonly since: Instant
      readonly reason: string
      readonly tries: number
      readonly until: Instant
    }
