import type { Instant, RunId } from './ids.ts'
import type { Notice } from './notice.ts'
import type { Retry } from './retry.ts'

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** Who declared that the plan covers PROJECT_DIRECTION.md; null while neither did. */
  readonly planCompletedBy: 'manager' | 'operator' | null
  /** Oldest first, until they are acted on. */
  readonly notices: readonly Notice[]
}

/** Requests for more tasks since the plan last grew, and when the last one was sent. */
export interface Requests {
  readonly times: number
  readonly since: Instant
}

/** `transitions.ts` has the legal changes. */
export type RunPhase =
  | { readonly name: 'planning'; readonly since: Instant; readonly asked: number }
  /** `asked`: requests for a plan so far. */
  | { readonly name: 'awaiting-approval'; readonly since: Instant; readonly asked: number }
  | {
      readonly name: 'executing'
      readonly since: Instant
      /** Requests for the final report since the plan last grew. */
      readonly askedToFinish: number
      readonly askedForMore: Requests
    }
  /** `write-report` is issued until `isWritten`; then the run waits for its syncs. */
  | (Retry & {
      readonly name: 'finishing'
      readonly since: Instant
      readonly report: string
      readonly isWritten: boolean
    })
  /**
   * Only the origin of a line lacks something: the team is stopped, and the syncs go on.
   * `write-report` is issued until `isWritten`.
   */
  | (Retry & {
      readonly name: 'publishing'
      readonly since: Instant
      readonly report: string
      readonly isWritten: boolean
    })
  /**
   * `write-report` is issued until `isWritten`, `stop-everything` until `isStopped`. `isAccepted`:
   * a person ended the run although an origin lacked work of it.
   */
  | (Retry & {
      readonly name: 'done'
      readonly since: Instant
      readonly report: string
      readonly isWritten: boolean
      readonly isStopped: boolean
      readonly isAccepted: boolean
    })
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string }

/** Whether work is planned, done or merged. */
export const hasTeamAtWork = ({ phase }: Run): boolean =>
  phase.name === 'planning' || phase.name === 'awaiting-approval' || phase.name === 'executing'

export const isRunOver = ({ phase }: Run): boolean =>
  phase.name === 'done' || phase.name === 'failed'
