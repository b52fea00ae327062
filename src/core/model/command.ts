import type { BackupId, Commit, CredentialId, InstanceId, Launch, LineId, TaskId } from './ids.ts'
import type { Prompt } from './instance.ts'
import type { RewriteAnswer } from './rewrite.ts'

/**
 * An effect that the core requests. Commands are idempotent; the outcome comes back as an event.
 */
export type Command =
  | {
      readonly type: 'start-instance'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly credential: CredentialId
      readonly resume: boolean
    }
  | { readonly type: 'stop-instance'; readonly instance: InstanceId; readonly launch: Launch }
  | {
      readonly type: 'send-prompt'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly prompt: Prompt
      readonly tries: number
    }
  /** Types `/clear`, after which the same try of the prompt is typed. */
  | {
      readonly type: 'clear-conversation'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly prompt: Prompt
      readonly tries: number
    }
  | {
      readonly type: 'replace-credential'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly credential: CredentialId
    }
  /** The instance uses another credential now. If this is lost, the next holder takes the login. */
  | { readonly type: 'take-login-back'; readonly instance: InstanceId; readonly launch: Launch }
  | { readonly type: 'probe-instance'; readonly instance: InstanceId; readonly launch: Launch }
  /** Ends a turn that hangs; the conversation stays. */
  | { readonly type: 'interrupt-turn'; readonly instance: InstanceId; readonly launch: Launch }
  /** Before a worker is restarted or parked, or loses its task. */
  | {
      readonly type: 'save-work'
      readonly line: LineId
      readonly instance: InstanceId
      readonly task: TaskId
      readonly backup: BackupId
    }
  | { readonly type: 'forget-backup'; readonly line: LineId; readonly backup: BackupId }
  | {
      readonly type: 'merge-task'
      readonly line: LineId
      readonly task: TaskId
      readonly commit: Commit
      /** The checks from this place on may fail: a person accepted that. Null when none may. */
      readonly mayFailFrom: number | null
      /** The content of protected paths that a person approved; null when none. */
      readonly approved: string | null
    }
  /** Runs the checks on the line's branch without the work of a task. */
  | { readonly type: 'check-base'; readonly line: LineId; readonly commit: Commit }
  | { readonly type: 'commit-lists'; readonly line: LineId }
  /** `head`: the head that the state knows; the hub's may be newer. */
  | { readonly type: 'publish'; readonly line: LineId; readonly head: Commit }
  /** `answer`: what a person decided about a rewritten history. */
  | { readonly type: 'merge-upstream'; readonly line: LineId; readonly answer?: RewriteAnswer }
  /** `unpublished`: the lines whose origins lack work; the report says what, and where it is. */
  | {
      readonly type: 'write-report'
      readonly report: string
      readonly unpublished: readonly LineId[]
    }
  | { readonly type: 'stop-everything' }
