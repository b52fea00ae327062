import type { Commit, InstanceId, Instant, LineId, TaskId } from './ids.ts'
import type { ProtectedWork } from './protected.ts'

export interface Merge {
  readonly line: LineId
  readonly task: TaskId
  readonly instance: InstanceId
  readonly commit: Commit
  readonly phase: MergePhase
  /** The content of protected paths that a person approved in this commit; null before. */
  readonly approved: string | null
}

/** `transitions.ts` has the legal changes. */
export type MergePhase =
  | { readonly name: 'queued'; readonly since: Instant }
  | { readonly name: 'trying' | 'checking'; readonly since: Instant; readonly tries: number }
  /** Others of its line pass by. */
  | {
      readonly name: 'held'
      readonly since: Instant
      readonly reason: string
      readonly waitsFor: HeldFor
    }
  | {
      readonly name: 'failed'
      readonly since: Instant
      readonly reason: string
      readonly tries: number
      readonly until: Instant
      /**
       * The target may have moved nevertheless. The next try finds out; until then it is unknown.
       */
      readonly mayHaveLanded: boolean
    }

export type HeldFor =
  /**
   * The checks fail on the branch itself, which may explain that they fail on this work: it waits
   * until they pass there, or a person decides. `position`: of the check that failed on the work.
   */
  | { readonly kind: 'branch'; readonly position: number }
  /** It changes protected paths: a person looks at that and answers. */
  | { readonly kind: 'answer'; readonly work: ProtectedWork }
