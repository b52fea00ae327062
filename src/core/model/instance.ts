import type { CredentialId, InstanceId, Instant, Launch, TaskId } from './ids.ts'
import type { Retry } from './retry.ts'
import type { Role } from './roles.ts'
import type { Rotation } from './rotation.ts'

export interface Instance {
  readonly id: InstanceId
  readonly role: Role
  /** Within the role, from 1; the Manager is 0. */
  readonly number: number
  readonly launch: Launch
  readonly phase: InstancePhase
  /** The task that this worker holds. At most one instance holds a task. */
  readonly task: TaskId | null
  /** The credential that it has a lease on and should use. */
  readonly credential: CredentialId | null
  /**
   * It holds no credential because its last one was taken from it, and not because of what it
   * reported.
   */
  readonly isCredentialTaken: boolean
  /** The credential that Claude Code was last seen to use; model errors count against this one. */
  readonly credentialInUse: CredentialId | null
  /** The credential that is on its way to the running launch; null while none is. */
  readonly rotation: Rotation | null
  /** It was applied to the running launch, and the model has not answered since. */
  readonly isCredentialUnproved: boolean
  /** Turns of a worker in a row that ended without a call of the orchestrator's tools. */
  readonly turnsWithoutTools: number
  /** Turns in a row that were interrupted because they hung; a turn that ends by itself ends it. */
  readonly hungTurns: number
  /** When it failed, within the last `quarantineWindowMs`. */
  readonly failures: readonly Instant[]
  /**
   * When it had to pause or restart without being at fault. Each one lengthens the next pause; they
   * never quarantine it.
   */
  readonly pauses: readonly Instant[]
  /**
   * Why its launch is to be replaced at its next quiet moment: it runs on what an older server or
   * another configuration gave it. Null when it does not.
   */
  readonly outdated: string | null
  /** The outbox number of the last hook that was accepted in this launch. */
  readonly sequence: number
  /** Prompts ever sent; numbers the prompts. */
  readonly prompts: number
  /**
   * `used` once a prompt arrived in it: a new launch can resume it, and `/clear` makes it `blank`.
   */
  readonly conversation: 'none' | 'blank' | 'used'
}

/** `transitions.ts` has the legal changes. */
export type InstancePhase =
  | { readonly name: 'absent'; readonly since: Instant }
  /** It has a credential, and its start waits for that of others. */
  | { readonly name: 'queued'; readonly since: Instant }
  /** It becomes `ready` with both: the session, and the tools that every prompt needs. */
  | {
      readonly name: 'starting'
      readonly since: Instant
      readonly hasSession: boolean
      readonly hasTools: boolean
      readonly isProbed: boolean
      /**
       * When its tools last reported that the preparation of its workspace moves on; null when they
       * have not.
       */
      readonly lastProgress: Instant | null
    }
  | { readonly name: 'ready'; readonly since: Instant }
  | (PromptTry & {
      readonly name: 'prompted'
      /** The end of `rotation`; nothing is typed before. */
      readonly awaits: 'rotation'
    })
  | (PromptTry & {
      readonly name: 'prompted'
      /** The hook that answers `/clear`; or the one that confirms the prompt. */
      readonly awaits: 'clear' | 'arrival'
      /** When this try ends, unless the hook arrives before. */
      readonly until: Instant
    })
  | {
      readonly name: 'working'
      readonly since: Instant
      readonly prompt: Prompt
      /** The time of the last heartbeat, and the number of probes since. */
      readonly lastHeartbeat: Instant
      readonly probes: number
      /** When a probe last saw it busy since that heartbeat, and the tool that ran then. */
      readonly busy: { readonly seen: Instant; readonly tool: string | null } | null
    }
  /** Its turn hangs: it waits for the outcome of `interrupt-turn`. */
  | {
      readonly name: 'interrupting'
      readonly since: Instant
      readonly until: Instant
      readonly hang: Hang
    }
  /** `rotating`: its turn is resumed when `rotation` ends. */
  | {
      readonly name: 'rate-limited'
      readonly since: Instant
      readonly reason: string
      readonly wait: 'rotating'
    }
  /**
   * `retrying`: waits before it uses the same credential again. `parked`: none is available; it
   * checks again at `until`.
   */
  | {
      readonly name: 'rate-limited'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
      readonly wait: 'retrying' | 'parked'
    }
  | {
      readonly name: 'backing-off'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
    }
  | {
      readonly name: 'quarantined'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
      /** The stop of its last launch; null once it is stopped. */
      readonly stop: Retry | null
    }
  | (Retry & { readonly name: 'stopping'; readonly since: Instant })
  | { readonly name: 'stopped'; readonly since: Instant }

/** What a turn did when it was interrupted, and since when nothing had come from it. */
export interface Hang {
  readonly tool: string | null
  readonly silentSince: Instant
}

interface PromptTry {
  readonly since: Instant
  readonly prompt: Prompt
  readonly tries: number
  /** Why this try could not be typed; null when it could. */
  readonly obstacle: string | null
}

export interface Prompt {
  /** `p1`, `p2` … per instance; part of the text, so that its arrival is recognised. */
  readonly id: string
  readonly purpose: PromptPurpose
  /** One short line; the model fetches everything longer with a tool. */
  readonly text: string
  /**
   * `answered`: as the answer to a Stop hook; `typed`: into the terminal; `typed-fresh`: after
   * `/clear`.
   */
  readonly way: 'answered' | 'typed' | 'typed-fresh'
}

/**
 * `hung`: its last turn was interrupted. `foreign`: a turn that a human in the terminal or Claude
 * Code itself began.
 */
export type PromptPurpose =
  | 'plan'
  | 'news'
  | 'task'
  | 'rework'
  | 'reminder'
  | 'resume'
  | 'hung'
  | 'foreign'

/** Whether its launch has come up and has not ended. */
export const isRunning = (phase: Pick<InstancePhase, 'name'>): boolean =>
  phase.name === 'ready' ||
  phase.name === 'prompted' ||
  phase.name === 'working' ||
  phase.name === 'interrupting' ||
  phase.name === 'rate-limited'

export const isInService = (phase: InstancePhase): boolean =>
  phase.name !== 'quarantined' && phase.name !== 'stopping' && phase.name !== 'stopped'
