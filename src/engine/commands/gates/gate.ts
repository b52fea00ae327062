import type { GateName } from '../../../core/model/gates.ts'
import type { Commit, TaskId } from '../../../core/model/ids.ts'
import type { CheckRunner } from '../../../ports/checks.ts'

/** A task's work, merged with the target branch but not landed. */
export interface Candidate {
  readonly task: TaskId
  /** The merge commit. */
  readonly commit: Commit
  /** The commit of the target branch that it was merged with. */
  readonly base: Commit
}

/** The operator's setting `checks`. */
export interface Checks {
  readonly commands: readonly string[]
  readonly timeoutMs: number
}

/** What gates need: their ports and the operator's settings for them. */
export interface GateParts {
  readonly checkRunner: CheckRunner
  readonly checks: Checks
}

export type GateOutcome =
  | { readonly passed: true }
  /**
   * `output` is for the owner of the work: what to change. `position`: of the check that failed.
   */
  | { readonly passed: false; readonly output: string; readonly position: number }

export interface Gate {
  readonly name: GateName
  /** False where the settings ask nothing of this gate: it is then skipped. */
  isConfigured(parts: GateParts): boolean
  /**
   * Throws when it cannot give an outcome; the merge is then tried again. It may be asked again for
   * the same candidate, and for a new candidate of the same task when the target has moved.
   */
  isOpenFor(candidate: Candidate, parts: GateParts): Promise<GateOutcome>
}
