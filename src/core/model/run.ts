import type { Instant, RunId } from './ids.ts'
import type { Retry } from './retry.ts'

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** True once the Manager declared that its plan covers PROJECT_DIRECTION.md. */
  readonly planIsComplete: boolean
  /** The Manager was asked for more tasks and has not changed the plan since. */
  readonly askedForMore: boolean
}

/** `transitions.ts` has the legal changes. */
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
