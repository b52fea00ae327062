import type { CheckFailure } from './base-verdict.ts'
import type { Commit, LineId } from './ids.ts'

/** What the checks say of a line's branch without the work of a task. */
export type CheckEvent = { readonly line: LineId } & (
  | { readonly type: 'base-passed'; readonly commit: Commit }
  | { readonly type: 'base-failed'; readonly failure: CheckFailure }
  /** They could not be run. */
  | { readonly type: 'base-not-checked'; readonly reason: string }
  /**
   * A person answers that they fail: `again` runs them now; `merge` merges work that fails the same
   * check, or a later one, until they pass.
   */
  | { readonly type: 'checks-answered'; readonly answer: 'again' | 'merge' }
)
