import type { Commit, Instant, RunId } from './ids.ts'
import type { Retry } from './retry.ts'

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** The target branch's head as far as the server moved it. */
  readonly head: Commit
  /** True once the Manager said that its plan holds everything the direction asks for. */
  readonly planIsComplete: boolean
  /** The Manager was asked for more tasks and has not changed the plan since. */
  readonly askedForMore: boolean
  /** The task lists on the target branch say what the plan says. */
  readonly lists: Sync
  /** The origin has our head. */
  readonly publish: Sync
  /** We have the origin's head. */
  readonly upstream: Sync
}

/** `transitions.ts` has the legal changes of these phases and of those of a sync. */
export type RunPhase =
  | { readonly name: 'planning'; readonly since: Instant; readonly asked: number }
  | { readonly name: 'awaiting-approval'; readonly since: Instant }
  | { readonly name: 'executing'; readonly since: Instant; readonly askedToFinish: number }
  /** The report is written, again and again until it `isWritten`; then the syncs are waited for. */
  | (Retry & {
      readonly name: 'finishing'
      readonly since: Instant
      readonly report: string
      readonly isWritten: boolean
    })
  /** Everything is stopped, again and again until it `isStopped`. */
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

/** Something that must be true of the hub or the origin; it is made true again whenever it stopped being so. */
export type Sync =
  | { readonly name: 'current'; readonly since: Instant }
  | { readonly name: 'owed' }
  /** `isStale`: it became owed again while it ran. */
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
