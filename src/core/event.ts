import type { Commit, CredentialId, InstanceId, Instant, Launch, TaskId } from './ids.ts'
import type { Rules } from './rules.ts'

/** A fact, in the past tense. It may be ignored, with a reason; it is never an error. */
export type Event = { readonly at: Instant } & (ServerFact | InstanceFact | PlanFact | TaskFact | MergeFact | OperatorFact)

/** Everything that carries `launch` is fenced: the facts of an older launch change nothing. */
interface FromLaunch {
  readonly instance: InstanceId
  readonly launch: Launch
}

export type ServerFact =
  | { readonly type: 'server-started'; readonly rules: Rules; readonly credentials: readonly { readonly id: CredentialId; readonly kind: string }[] }
  | { readonly type: 'clock-ticked' }
  | { readonly type: 'hub-prepared'; readonly head: Commit }
  | { readonly type: 'hub-failed'; readonly reason: string }

export type InstanceFact =
  | (FromLaunch & { readonly type: 'instance-started' })
  | (FromLaunch & { readonly type: 'instance-lost'; readonly cause: string })
  | (FromLaunch & { readonly type: 'instance-stopped' })
  | (FromLaunch & { readonly type: 'session-started'; readonly source: 'startup' | 'resume' | 'clear' | 'compact' })
  | (FromLaunch & { readonly type: 'prompt-confirmed'; readonly text: string })
  | (FromLaunch & { readonly type: 'prompt-not-sent'; readonly prompt: string; readonly obstacle: string })
  | (FromLaunch & { readonly type: 'sign-of-life' })
  | (FromLaunch & { readonly type: 'turn-ended'; readonly backgroundTasks: number; readonly lastMessage: string })
  | (FromLaunch & { readonly type: 'turn-failed'; readonly kind: string; readonly message: string; readonly inSubagent: boolean })
  | (FromLaunch & { readonly type: 'instance-idle' })

export interface PlannedTask {
  readonly id: TaskId
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** Whose list it is on; null lets the server choose. */
  readonly worker: number | null
}

export type PlanFact =
  | (FromLaunch & { readonly type: 'plan-submitted'; readonly tasks: readonly PlannedTask[]; readonly isComplete: boolean })
  | (FromLaunch & { readonly type: 'run-finished'; readonly report: string })
  | { readonly type: 'lists-committed'; readonly version: number; readonly head: Commit }
  | { readonly type: 'lists-failed'; readonly reason: string }
  | { readonly type: 'lists-edited'; readonly tasks: readonly ListedTask[] }

/** An item of a task list as a human left it on the target branch. */
export interface ListedTask extends PlannedTask {
  readonly isTicked: boolean
}

export type TaskFact =
  | (FromLaunch & { readonly type: 'brief-fetched'; readonly task: TaskId })
  | (FromLaunch & { readonly type: 'task-reported'; readonly task: TaskId; readonly commit: Commit; readonly summary: string })
  | (FromLaunch & { readonly type: 'task-blocked'; readonly task: TaskId; readonly question: string; readonly commit: Commit | null })
  | (FromLaunch & { readonly type: 'task-progressed'; readonly task: TaskId; readonly note: string })
  | { readonly type: 'task-answered'; readonly task: TaskId; readonly answer: string; readonly worker: number | null; readonly by: 'manager' | 'operator' }
  | { readonly type: 'task-cancelled'; readonly task: TaskId; readonly reason: string; readonly by: 'manager' | 'operator' }

export type MergeFact =
  | { readonly type: 'merge-checking'; readonly task: TaskId; readonly commit: Commit }
  | { readonly type: 'merge-landed'; readonly task: TaskId; readonly commit: Commit; readonly head: Commit }
  | { readonly type: 'merge-conflicted'; readonly task: TaskId; readonly commit: Commit; readonly paths: readonly string[]; readonly tasks: readonly TaskId[] }
  | { readonly type: 'merge-rejected'; readonly task: TaskId; readonly commit: Commit; readonly output: string }
  | { readonly type: 'merge-failed'; readonly task: TaskId; readonly commit: Commit; readonly reason: string }
  | { readonly type: 'published' }
  | { readonly type: 'publish-refused'; readonly reason: string }
  | { readonly type: 'upstream-merged'; readonly head: Commit }

export type OperatorFact =
  | { readonly type: 'plan-approved' }
  | { readonly type: 'report-written' }
  | { readonly type: 'everything-stopped' }
