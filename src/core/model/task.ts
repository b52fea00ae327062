import type { Commit, InstanceId, Instant, Launch, LineId, TaskId } from './ids.ts'

export interface Task {
  readonly id: TaskId
  /** Where its work is merged. */
  readonly line: LineId
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** The worker whose list contains the task; it changes when another worker takes the task. */
  readonly assignee: InstanceId
  readonly phase: TaskPhase
  /** Oldest first. */
  readonly attempts: readonly Attempt[]
  /** How often its work was returned, and why last; both are reset when the Manager decides. */
  readonly reworkCount: number
  readonly returned: Returned | null
  /** How often the Manager decided about it as a stuck one, since a person last did. */
  readonly rounds: number
  /** For the worker's next brief: answers to its questions, requested changes. */
  readonly notes: readonly string[]
  /** The last commit fetched from a worker; a new attempt starts from it. */
  readonly commit: Commit | null
  /** The target as it was when a worker first fetched the brief; null before. */
  readonly base: Commit | null
  /**
   * Paths, or directories that end in a slash, in which the work may undo what others changed. The
   * Manager or the operator names them, never the worker.
   */
  readonly replaces: readonly string[]
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
  /** A person does not want what it changes in protected paths. `reason` may be empty. */
  | { readonly kind: 'protected'; readonly paths: readonly string[]; readonly reason: string }
  | OutdatedWork

/** The work is based on a history that a person removed from the origin. */
export interface OutdatedWork {
  readonly kind: 'rewritten'
  /** The hub's ref that keeps that history. */
  readonly former: string
  /** The merge of the work in that history; null for work that was not merged. */
  readonly merge: Commit | null
  /** Where that merge conflicts with the new history; the first ones, where there are many. */
  readonly paths: readonly string[]
}

export interface Attempt {
  readonly instance: InstanceId
  readonly launch: Launch
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  /** The worker has fetched the brief, so a report of its launch can mean this task. */
  readonly hasBrief: boolean
  /** `given-up`: the worker stopped again and again without a report, or its turns hung. */
  readonly outcome: 'running' | 'reported' | 'blocked' | 'given-up' | 'lost' | 'cancelled'
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
  /** Returned to its worker; `returned` has the reason. */
  | { readonly name: 'conflicted' | 'rejected'; readonly since: Instant }
  /** The Manager was asked `timesAsked` times; at `until` it is asked again, unless it answers. */
  | {
      readonly name: 'blocked'
      readonly since: Instant
      readonly question: string
      readonly timesAsked: number
      readonly until: Instant
    }
  /** Done without a merge: a person ticked its item, or its worker found nothing to commit. */
  | {
      readonly name: 'done'
      readonly since: Instant
      readonly by: 'operator' | 'worker'
      readonly reason: string
    }
  /** `by` the server: it depends on a task that was cancelled. */
  | {
      readonly name: 'cancelled'
      readonly since: Instant
      readonly by: 'manager' | 'operator' | 'server'
      readonly reason: string
    }

/** Whether nothing more will happen to it. */
export const isOver = (phase: TaskPhase): boolean => isDone(phase) || phase.name === 'cancelled'

/** Whether tasks that depend on it may begin. */
export const isDone = (phase: TaskPhase): boolean =>
  phase.name === 'merged' || phase.name === 'done'

/** Whether it may be assigned to a worker now. */
export const isOpen = (phase: TaskPhase): boolean =>
  phase.name === 'queued' || phase.name === 'conflicted' || phase.name === 'rejected'

/** The worker that held it last. */
export const ownerOf = (task: Task): InstanceId | null => task.attempts.at(-1)?.instance ?? null
