import type { Commit, LineId } from './ids.ts'
import type { FollowedOrigin, RewriteVerdict } from './rewrite.ts'

/** Task lists committed, the head pushed to the origin, the origin's commits merged; or not. */
export type SyncEvent = { readonly line: LineId } & (
  | { readonly type: 'lists-committed'; readonly head: Commit }
  | { readonly type: 'lists-failed'; readonly reason: string }
  /** `head`: that of its command; a push that was late is not one of a newer head. */
  | { readonly type: 'published'; readonly head?: Commit }
  | { readonly type: 'publish-refused'; readonly reason: string; readonly isBehind: boolean }
  | { readonly type: 'upstream-merged'; readonly head: Commit }
  | {
      readonly type: 'upstream-conflicted'
      /** The origin's head. */
      readonly commit: Commit
      readonly paths: readonly string[]
    }
  | { readonly type: 'upstream-rewritten'; readonly before: Commit; readonly after: Commit }
  /** A person answers what the rewritten history means. */
  | { readonly type: 'rewrite-answered'; readonly answer: RewriteVerdict }
  /** `before` and `after`: of the answer that was carried out. */
  | ({
      readonly type: 'origin-followed'
      readonly before: Commit
      readonly after: Commit
    } & FollowedOrigin)
  | { readonly type: 'upstream-failed'; readonly reason: string }
)
