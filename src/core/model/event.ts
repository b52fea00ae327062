import type { BackupId, Commit, CredentialId, InstanceId, Instant, Launch, TaskId } from './ids.ts'
import type { Usage } from './ledger.ts'
import type { Policy } from './policy.ts'
import type { ModelError, UsageWindow } from './model-error.ts'

/** A fact, in the past tense. It may be ignored, with a reason; it is never an error. */
export type Event = { readonly at: Instant } & (
  | ServerEvent
  | InstanceEvent
  | PlanEvent
  | TaskEvent
  | MergeEvent
  | BackupEvent
  | CredentialEvent
  | OperatorEvent
)

/** Everything that carries `launch` is fenced: the facts of an older launch change nothing. */
interface FromLaunch {
  readonly instance: InstanceId
  readonly launch: Launch
  /** The hook's number in the instance's outbox; one that was heard before changes nothing. */
  readonly sequence?: number
}

export type ServerEvent =
  | {
      readonly type: 'server-started'
      readonly rules: Policy
      readonly head: Commit
      readonly credentials: readonly { readonly id: CredentialId; readonly kind: string }[]
    }
  | { readonly type: 'clock-ticked' }

export type InstanceEvent =
  | (FromLaunch & { readonly type: 'instance-started' })
  /** `blame`: not the instance's own doing, but that of what it runs on. */
  | (FromLaunch & {
      readonly type: 'instance-lost'
      readonly cause: string
      readonly blame?: 'engine'
    })
  | (FromLaunch & { readonly type: 'instance-stopped' })
  | (FromLaunch & {
      readonly type: 'session-started'
      readonly source: 'startup' | 'resume' | 'clear' | 'compact'
    })
  | (FromLaunch & { readonly type: 'tools-listed' })
  | (FromLaunch & { readonly type: 'prompt-confirmed'; readonly text: string })
  | (FromLaunch & {
      readonly type: 'prompt-not-sent'
      readonly prompt: string
      readonly obstacle: string
      /** Nothing typed there will help: a bare shell, a terminal that is gone. */
      readonly isHopeless: boolean
    })
  | (FromLaunch & { readonly type: 'sign-of-life' })
  /** Claude Code has read its settings anew. */
  | (FromLaunch & { readonly type: 'settings-read' })
  | (FromLaunch & {
      readonly type: 'turn-ended'
      /** Still running by themselves; the turn is not over while there are any. */
      readonly backgroundTasks: number
      readonly lastMessage: string
      /** The Stop hook still waits, so its answer can carry the next prompt. */
      readonly isAnswerable: boolean
    })
  | (FromLaunch & {
      readonly type: 'turn-failed'
      readonly trouble: ModelError
      readonly message: string
      readonly inSubagent: boolean
    })
  | (FromLaunch & { readonly type: 'instance-idle' | 'instance-waiting' })

export interface PlannedTask {
  readonly id: TaskId
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** Whose list it is on; null lets the server choose. */
  readonly worker: number | null
}

export type PlanEvent =
  | (FromLaunch & {
      readonly type: 'plan-submitted'
      readonly tasks: readonly PlannedTask[]
      readonly isComplete: boolean
    })
  | (FromLaunch & { readonly type: 'run-finished'; readonly report: string })
  | { readonly type: 'lists-committed'; readonly head: Commit }
  | { readonly type: 'lists-failed'; readonly reason: string }
  | {
      readonly type: 'lists-edited'
      readonly edits: readonly ListEdit[]
      readonly problems: readonly string[]
    }

/** What somebody changed in a task list on the origin's target branch. */
export type ListEdit =
  | { readonly type: 'added'; readonly task: PlannedTask }
  | { readonly type: 'changed'; readonly task: PlannedTask }
  | { readonly type: 'removed'; readonly task: TaskId }
  | { readonly type: 'ticked'; readonly task: TaskId }

export type TaskEvent =
  | (FromLaunch & { readonly type: 'brief-fetched'; readonly task: TaskId })
  | (FromLaunch & {
      readonly type: 'task-reported'
      readonly task: TaskId
      readonly commit: Commit
      readonly summary: string
    })
  | (FromLaunch & {
      readonly type: 'task-blocked'
      readonly task: TaskId
      readonly question: string
      readonly commit: Commit | null
    })
  | (FromLaunch & {
      readonly type: 'task-progressed'
      readonly task: TaskId
      readonly note: string
    })
  | {
      readonly type: 'task-answered'
      readonly task: TaskId
      readonly answer: string
      readonly worker: number | null
      readonly by: 'manager' | 'operator'
    }
  | {
      readonly type: 'task-cancelled'
      readonly task: TaskId
      readonly reason: string
      readonly by: 'manager' | 'operator'
    }

export type MergeEvent =
  | { readonly type: 'merge-checking'; readonly task: TaskId; readonly commit: Commit }
  | {
      readonly type: 'merge-landed'
      readonly task: TaskId
      readonly commit: Commit
      readonly merge: Commit
      readonly head: Commit
    }
  | {
      readonly type: 'merge-conflicted'
      readonly task: TaskId
      readonly commit: Commit
      readonly paths: readonly string[]
      readonly tasks: readonly TaskId[]
    }
  | {
      readonly type: 'merge-rejected'
      readonly task: TaskId
      readonly commit: Commit
      readonly output: string
    }
  | {
      readonly type: 'merge-failed'
      readonly task: TaskId
      readonly commit: Commit
      readonly reason: string
      /** Nobody knows whether it is on the target. */
      readonly mayHaveLanded: boolean
    }
  | { readonly type: 'published' }
  | { readonly type: 'publish-refused'; readonly reason: string; readonly isBehind: boolean }
  | { readonly type: 'upstream-merged'; readonly head: Commit }
  | { readonly type: 'upstream-failed'; readonly reason: string }

export type BackupEvent =
  | { readonly type: 'work-saved'; readonly backup: BackupId; readonly commit: Commit }
  /** There is nothing in the workspace that the hub has not got already. */
  | { readonly type: 'work-unchanged'; readonly backup: BackupId }
  /** `isFinal`: trying again would end the same way. */
  | {
      readonly type: 'work-not-saved'
      readonly backup: BackupId
      readonly reason: string
      readonly isFinal: boolean
    }
  | { readonly type: 'backup-deleted' | 'backup-restored'; readonly backup: BackupId }
  | { readonly type: 'backup-forgotten'; readonly backup: BackupId }

export type CredentialEvent =
  /** The files of the pool as they are now. */
  | {
      readonly type: 'credentials-changed'
      readonly credentials: readonly { readonly id: CredentialId; readonly kind: string }[]
      /** Those whose secret is another one now. */
      readonly changed: readonly CredentialId[]
    }
  /** The executor has put it in place and Claude Code has said that it read it. */
  | (FromLaunch & { readonly type: 'credential-replaced'; readonly credential: CredentialId })
  | (FromLaunch & {
      readonly type: 'credential-not-replaced'
      readonly credential: CredentialId
      readonly reason: string
    })
  /** How far a usage window was used when somebody last saw it. */
  | {
      readonly type: 'window-seen'
      readonly credential: CredentialId
      readonly window: UsageWindow
      readonly usedPercent: number
      readonly resetsAt: Instant | null
      /** Whose status line says so; nothing when the gateway read it in an answer. */
      readonly by?: InstanceId
    }
  /** The gateway was refused with this credential, before anything of the answer reached the instance. */
  | (FromLaunch & {
      readonly type: 'gateway-refused'
      readonly credential: CredentialId
      readonly trouble: ModelError
    })
  /** One answered request, counted once. */
  | (FromLaunch & {
      readonly type: 'usage-counted'
      readonly credential: CredentialId | null
      readonly usage: Usage
    })
  | {
      readonly type: 'credential-disabled'
      readonly credential: CredentialId
      readonly reason: string
    }
  | { readonly type: 'credential-enabled'; readonly credential: CredentialId }
  | { readonly type: 'cooldown-forgotten'; readonly credential: CredentialId }
  | {
      readonly type: 'instance-moved'
      readonly instance: InstanceId
      readonly credential: CredentialId | null
    }

/** A command failed for which no other event stands; with the instance or backup that waits. */
type CommandFailed = { readonly type: 'command-failed'; readonly reason: string } & (
  | (FromLaunch & { readonly command: 'stop-instance' | 'look-at-instance' })
  | { readonly command: string; readonly backup?: BackupId }
)

export type OperatorEvent =
  | { readonly type: 'plan-approved' }
  | CommandFailed
  | { readonly type: 'report-written' }
  | { readonly type: 'everything-stopped' }
