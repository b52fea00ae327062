import type { Commit, InstanceId, Instant, Launch, TaskId } from './ids.ts'

export interface Task {
  readonly id: TaskId
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** The worker whose list holds it; a worker that takes it over takes it onto its own list. */
  readonly assignee: InstanceId
  readonly phase: TaskPhase
  /** Every time a worker took it, oldest first. */
  readonly attempts: readonly Attempt[]
  /** Times the server turned the work back, and why it did so last; both are forgotten when the Manager decides. */
  readonly returns: number
  readonly returned: Returned | null
  /** Said to the worker with its next brief: answers to its questions, what to change. */
  readonly notes: readonly string[]
  /** The last commit taken in from a worker; a new attempt starts there. */
  readonly commit: Commit | null
  readonly progress: string | null
  readonly summary: string | null
}

export type Returned =
  | {
      readonly kind: 'conflict'
      readonly paths: readonly string[]
      readonly tasks: readonly TaskId[]
    }
  | { readonly kind: 'checks'; readonly output: string }

export interface Attempt {
  readonly instance: InstanceId
  readonly launch: Launch
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly outcome: 'running' | 'reported' | 'blocked' | 'lost' | 'cancelled'
}

/** `transitions.ts` has the legal changes. */
export type TaskPhase =
  | { readonly name: 'proposed'; readonly since: Instant }
  | { readonly name: 'waiting'; readonly since: Instant }
  | { readonly name: 'queued'; readonly since: Instant }
  | { readonly name: 'assigned'; readonly since: Instant; readonly instance: InstanceId }
  | {
      readonly name: 'working'
      readonly since: Instant
      readonly instance: InstanceId
      readonly reminders: number
    }
  | {
      readonly name: 'reported'
      readonly since: Instant
      readonly instance: InstanceId
      readonly commit: Commit
    }
  | {
      readonly name: 'merging'
      readonly since: Instant
      readonly instance: InstanceId
      readonly commit: Commit
    }
  | { readonly name: 'merged'; readonly since: Instant; readonly commit: Commit }
  /** Back with its owner, why says `returned`. */
  | { readonly name: 'conflicted' | 'rejected'; readonly since: Instant }
  /** The Manager was told so often, and is told again at `until`, as long as nobody answers. */
  | {
      readonly name: 'blocked'
      readonly since: Instant
      readonly question: string
      readonly told: number
      readonly until: Instant
    }
  | { readonly name: 'cancelled'; readonly since: Instant; readonly reason: string }
