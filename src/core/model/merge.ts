import type { Commit, InstanceId, Instant, LineId, TaskId } from './ids.ts'

export interface Merge {
  readonly line: LineId
  readonly task: TaskId
  readonly instance: InstanceId
  readonly commit: Commit
  readonly phase: MergePhase
}

/** `transitions.ts` has the legal changes. */
export type MergePhase =
  | { readonly name: 'queued'; readonly since: Instant }
  | { readonly name: 'trying' | 'checking'; readonly since: Instant; readonly tries: number }
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
