import type { Commit, Instant } from './ids.ts'

/** The check that failed on a commit; those after it did not run. */
export interface CheckFailure {
  readonly commit: Commit
  readonly command: string
  /** Its place among the checks, from 0. */
  readonly position: number
  /** The end of what it printed. */
  readonly output: string
}

/** What the checks say of a line's branch as it is, without the work of a task. */
export type BaseVerdict =
  | { readonly name: 'passed'; readonly commit: Commit }
  | {
      readonly name: 'failed'
      /** When they began to fail. */
      readonly since: Instant
      readonly failure: CheckFailure
      /** How often they failed in a row. */
      readonly times: number
      /** A person wants work merged that fails the same check, or a later one. */
      readonly isAccepted: boolean
    }

/**
 * Whether the branch alone may explain that the check at this place fails. The checks before the
 * one that fails on the branch pass there, so their failure comes from the work.
 */
export const isExplainedBy = (ofBranch: CheckFailure, position: number): boolean =>
  position >= ofBranch.position
