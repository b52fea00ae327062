import type { CheckFailure } from './base-verdict.ts'
import type { CheckEvent } from './check-event.ts'
import type { CredentialEvent } from './credential-event.ts'
import type { FromLaunch } from './from-launch.ts'
import type { HostEvent } from './host-event.ts'
import type { BackupId, Commit, CredentialId, Instant, TaskId } from './ids.ts'
import type { Usage } from './ledger.ts'
import type { LineTip } from './line.ts'
import type { PlanEvent, TaskEvent } from './plan-event.ts'
import type { ProtectedWork } from './protected.ts'
import type { Policy } from './policy.ts'
import type { ModelError } from './model-error.ts'
import type { SyncEvent } from './sync-event.ts'

export type { PlanEvent, TaskEvent } from './plan-event.ts'

/** Something that happened. It may be ignored, with a reason; it is never an error. */
export type Event = { readonly at: Instant } & (
  | ServerEvent
  | InstanceEvent
  | PlanEvent
  | TaskEvent
  | MergeEvent
  | SyncEvent
  | CheckEvent
  | BackupEvent
  | CredentialEvent
  | HostEvent
  | RunEvent
  | CommandFailure
)

export type ServerEvent =
  | {
      readonly type: 'server-started'
      readonly policy: Policy
      /** Those of the configuration. */
      readonly lines: readonly LineTip[]
      readonly credentials: readonly { readonly id: CredentialId; readonly kind: string }[]
      /** Settings that are not those of the last start. */
      readonly changed?: readonly ChangedSetting[]
    }
  | { readonly type: 'clock-ticked' }

export interface ChangedSetting {
  readonly setting: string
  /**
   * `restart`: a running instance gets it only when it starts again. `publish`: the work goes
   * elsewhere. `none`: decisions follow it by themselves.
   */
  readonly effect: 'restart' | 'publish' | 'none'
}

export type InstanceEvent =
  | (FromLaunch & { readonly type: 'instance-started' })
  /** `blame`: the engine that runs the instance failed, not the instance. */
  | (FromLaunch & {
      readonly type: 'instance-lost'
      readonly cause: string
      readonly blame?: 'engine'
    })
  | (FromLaunch & { readonly type: 'instance-stopped' })
  /** The preparation of its workspace takes long, and moves on. */
  | (FromLaunch & { readonly type: 'workspace-progressed' })
  | (FromLaunch & {
      readonly type: 'session-started'
      readonly source: 'startup' | 'resume' | 'clear' | 'compact'
    })
  | (FromLaunch & { readonly type: 'tools-listed' })
  /** `/clear` was typed; the SessionStart hook answers it. */
  | (FromLaunch & {
      readonly type: 'clear-typed'
      readonly prompt: string
      readonly tries: number
    })
  | (FromLaunch & { readonly type: 'prompt-confirmed'; readonly text: string })
  | (FromLaunch & {
      readonly type: 'prompt-not-sent'
      readonly prompt: string
      readonly obstacle: string
      /** No key helps: a bare shell, or a terminal that is gone. */
      readonly isHopeless: boolean
    })
  | (FromLaunch & { readonly type: 'sign-of-life' })
  | (FromLaunch & { readonly type: 'settings-read' })
  | (FromLaunch & {
      readonly type: 'turn-ended'
      /** Background tasks that still run; the turn is not over while there are any. */
      readonly backgroundTasks: number
      readonly lastMessage: string
      /** The Stop hook still waits, so its answer can carry the next prompt. */
      readonly isAnswerable: boolean
    })
  | (FromLaunch & {
      readonly type: 'turn-failed'
      readonly modelError: ModelError
      readonly message: string
      readonly inSubagent: boolean
    })
  | (FromLaunch & { readonly type: 'instance-idle' | 'instance-waiting' })
  /** A probe saw its screen change and show a turn. `tool`: what runs, as far as it is shown. */
  | (FromLaunch & { readonly type: 'instance-busy'; readonly tool: string | null })
  | (FromLaunch & { readonly type: 'turn-interrupted' })
  /** A start would give it something else. `isUsable`: the server understands its tools. */
  | (FromLaunch & {
      readonly type: 'instance-outdated'
      readonly reason: string
      readonly isUsable: boolean
    })

export type MergeEvent =
  | { readonly type: 'merge-checking'; readonly task: TaskId; readonly commit: Commit }
  | {
      readonly type: 'merge-landed'
      readonly task: TaskId
      readonly commit: Commit
      readonly merge: Commit
      readonly head: Commit
      /**
       * What the checks said of `merge`: that they pass, or the failure that a person accepted.
       * Missing when they did not run in this try.
       */
      readonly checks?: 'passed' | CheckFailure
    }
  | {
      readonly type: 'merge-conflicted'
      readonly task: TaskId
      readonly commit: Commit
      readonly paths: readonly string[]
      readonly tasks: readonly TaskId[]
    }
  /** The commit contains commits that a person removed from the origin; `former` keeps them. */
  | {
      readonly type: 'merge-outdated'
      readonly task: TaskId
      readonly commit: Commit
      readonly former: string
    }
  | {
      readonly type: 'merge-rejected'
      readonly task: TaskId
      readonly commit: Commit
      readonly output: string
      /** The place of the check that failed, among the checks from 0. */
      readonly position?: number
      /** The failure of the checks on the branch without the work; missing when they pass there. */
      readonly base?: CheckFailure
    }
  /** Everything else is in order, but no person has approved what it changes in these paths. */
  | {
      readonly type: 'merge-held'
      readonly task: TaskId
      readonly commit: Commit
      readonly work: ProtectedWork
    }
  | {
      readonly type: 'merge-failed'
      readonly task: TaskId
      readonly commit: Commit
      readonly reason: string
      /** The target branch may or may not contain the merge. */
      readonly mayHaveLanded: boolean
    }

export type BackupEvent =
  | { readonly type: 'work-saved'; readonly backup: BackupId; readonly commit: Commit }
  /** The hub has everything in the workspace already. */
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

export type RunEvent =
  /** One answered request, counted once. */
  | (FromLaunch & {
      readonly type: 'usage-counted'
      readonly credential: CredentialId | null
      readonly usage: Usage
    })
  | { readonly type: 'report-written' }
  /** A person ends the run although an origin lacks work of it. */
  | { readonly type: 'run-accepted' }
  | { readonly type: 'everything-stopped' }

/** A command without an event for its failure failed; with the instance or backup that waits. */
export type CommandFailure = { readonly type: 'command-failed'; readonly reason: string } & (
  | (FromLaunch & {
      readonly command: 'stop-instance' | 'probe-instance' | 'interrupt-turn' | 'take-login-back'
    })
  | { readonly command: string; readonly backup?: BackupId }
)
