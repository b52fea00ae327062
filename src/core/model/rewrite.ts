import type { Commit, TaskId } from './ids.ts'

/** What a person decides about a rewritten origin. */
export type RewriteVerdict = 'keep' | 'follow'

/** A person's answer: `before` is gone from the origin's history, `after` was its head then. */
export interface RewriteAnswer {
  readonly verdict: RewriteVerdict
  readonly before: Commit
  readonly after: Commit
}

/** What became of the run's merges when its line followed a rewritten origin. */
export interface FollowedOrigin {
  /** The head of the line. */
  readonly head: Commit
  /** The hub's ref that keeps the history before. It is never pushed. */
  readonly former: string
  /** Merges whose work the new history has: replayed, or rewritten by the person. */
  readonly replayed: readonly ReplayedMerge[]
  /** Merges that the origin never had, and that conflict with the new history. */
  readonly returned: readonly ReturnedMerge[]
  /** Merges that the person removed from the origin, or that brought commits removed there. */
  readonly removed: readonly RemovedMerge[]
}

export interface ReplayedMerge {
  readonly task: TaskId
  readonly from: Commit
  readonly to: Commit
  /** The commit that was reported; null for a merge that the person rewrote. */
  readonly work: Commit | null
}

export interface ReturnedMerge {
  readonly task: TaskId
  readonly from: Commit
  readonly work: Commit
  /** The first ones, where there are many. */
  readonly paths: readonly string[]
}

export interface RemovedMerge {
  readonly task: TaskId
  readonly from: Commit
}
