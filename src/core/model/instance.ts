import type { CredentialId, InstanceId, Instant, Launch, TaskId } from './ids.ts'
import type { Retry } from './retry.ts'
import type { Role } from './roles.ts'

export interface Instance {
  readonly id: InstanceId
  readonly role: Role
  /** Within the role, from 1; the Manager is 0. */
  readonly number: number
  readonly launch: Launch
  readonly phase: InstancePhase
  /** The task this worker holds; held by one instance at a time, through every phase of the worker but ready. */
  readonly task: TaskId | null
  /** The one that it is meant to use; it holds a lease on it. */
  readonly credential: CredentialId | null
  /** The one that Claude Code was last seen to have; what goes wrong is this one's. */
  readonly credentialInUse: CredentialId | null
  /** It was put in place while the launch ran, and no answer of the model has proved it yet. */
  readonly isCredentialUnproved: boolean
  /** Turns of a worker that ended in a row without a call of our tools. */
  readonly turnsWithoutTools: number
  /** When it failed, within the window of the quarantine rule. */
  readonly failures: readonly Instant[]
  /** When the model failed it for a reason that is not its own: they make its pauses longer, but take it out of service never. */
  readonly troubles: readonly Instant[]
  /** The last number of the outbox that was heard in this launch. */
  readonly sequence: number
  /** Prompts ever sent, so that each has a name of its own. */
  readonly prompts: number
  /** `used` once a prompt arrived in it: what a new launch can continue, and what `/clear` makes blank again. */
  readonly conversation: 'none' | 'blank' | 'used'
}

/** `transitions.ts` has the legal changes. */
export type InstancePhase =
  | { readonly name: 'absent'; readonly since: Instant }
  /** Ready needs both: the session, and the tools without which a prompt could not be obeyed. */
  | {
      readonly name: 'starting'
      readonly since: Instant
      readonly hasSession: boolean
      readonly hasTools: boolean
      readonly wasLookedAt: boolean
    }
  | { readonly name: 'ready'; readonly since: Instant }
  | {
      readonly name: 'prompted'
      readonly since: Instant
      readonly prompt: Prompt
      readonly tries: number
      /** When it is sent again, unless it is confirmed before. */
      readonly until: Instant
      /** What kept this try from being typed, if something did. */
      readonly obstacle: string | null
    }
  | {
      readonly name: 'working'
      readonly since: Instant
      readonly prompt: Prompt
      /** The last sign of life, and how often it was looked at since. */
      readonly heard: Instant
      readonly looks: number
    }
  /** `pause`: the same credential again; `swap`: another one is being put in place; `park`: none is left before `until`. */
  | {
      readonly name: 'limited'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
      readonly wait: 'pause' | 'swap' | 'park'
    }
  | {
      readonly name: 'resting'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
    }
  | {
      readonly name: 'quarantined'
      readonly since: Instant
      readonly until: Instant
      readonly reason: string
      /** Its last launch is being stopped; null once it is. */
      readonly stop: Retry | null
    }
  | (Retry & { readonly name: 'stopping'; readonly since: Instant })
  | { readonly name: 'stopped'; readonly since: Instant }

export interface Prompt {
  /** `p1`, `p2` … per instance; part of the text, so that its arrival can be recognised. */
  readonly id: string
  readonly purpose: PromptPurpose
  /** The one short line that is typed or answered; long material is fetched with a tool. */
  readonly text: string
  /** How it travels: as the answer to the Stop hook, typed into the conversation, or typed after `/clear`. */
  readonly way: 'answered' | 'typed' | 'typed-fresh'
}

/** `foreign` is a turn that somebody else began: a human in the terminal, or Claude Code itself. */
export type PromptPurpose = 'plan' | 'news' | 'task' | 'rework' | 'reminder' | 'resume' | 'foreign'

/** Has a launch that was up and was not given up. */
export const isRunning = (phase: InstancePhase): boolean =>
  phase.name === 'ready' ||
  phase.name === 'prompted' ||
  phase.name === 'working' ||
  phase.name === 'limited'

export const isInService = (phase: InstancePhase): boolean =>
  phase.name !== 'quarantined' && phase.name !== 'stopping' && phase.name !== 'stopped'
