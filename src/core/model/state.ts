import type { Backup } from '../entities/backup.ts'
import type { BackupId, Commit, CredentialId, InstanceId, Instant, Launch, RunId, TaskId } from './ids.ts'
import type { Ledger } from './ledger.ts'
import type { MergePhase } from './merge-phase.ts'
import type { News } from './manager-inbox.ts'
import type { Rules } from './policy.ts'
import type { Accused, UsageWindow } from './model-error.ts'

/**
 * Everything the server believes. Values are never changed in place: entries that did not change keep their
 * identity, so comparing references finds exactly what the store must write.
 */
export interface State {
  readonly run: Run
  readonly rules: Rules
  readonly instances: ReadonlyMap<InstanceId, Instance>
  /** In the order of the plan, which is the order of the queue. */
  readonly tasks: ReadonlyMap<TaskId, Task>
  /** Tasks whose reported commit waits to be merged, first in, first out; the head of it may be under way. */
  readonly merges: readonly Merge[]
  readonly credentials: ReadonlyMap<CredentialId, Credential>
  /** Work that was saved before somebody could lose it, oldest first. */
  readonly backups: ReadonlyMap<BackupId, Backup>
  /** What the answered requests used. */
  readonly ledger: Ledger
  /** What the Manager has not been told yet. */
  readonly news: readonly News[]
}

export type Role = 'manager' | 'worker' | 'reviewer'
// ── run ─────────────────────────────────────────────────────────────────────
//  planning → (awaiting-approval →) executing → finishing → done
//  planning → failed

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** The target branch's head as far as the server moved it. */
  readonly head: Commit
  /** True once the Manager said that its plan holds everything the direction asks for. */
  readonly planIsComplete: boolean
  /** The Manager was asked for more tasks and has not changed the plan since. */
  readonly askedForMore: boolean
  /** The task lists on the target branch say what the plan says. */
  readonly lists: Chore
  /** The origin has our head. */
  readonly publish: Chore
  /** We have the origin's head. */
  readonly upstream: Chore
}

export type RunPhase =
  | { readonly name: 'planning'; readonly since: Instant; readonly asked: number }
  | { readonly name: 'awaiting-approval'; readonly since: Instant }
  | { readonly name: 'executing'; readonly since: Instant; readonly askedToFinish: number }
  | { readonly name: 'finishing'; readonly since: Instant; readonly report: string; readonly isWritten: boolean }
  | { readonly name: 'done'; readonly since: Instant; readonly report: string }
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string }

/** Something that must be true of the hub or the origin; it is made true again whenever it stopped being so. */
export type Chore =
  | { readonly name: 'current'; readonly since: Instant }
  | { readonly name: 'owed' }
  /** `isStale`: it became owed again while it ran. */
  | { readonly name: 'running'; readonly since: Instant; readonly tries: number; readonly isStale: boolean }
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string; readonly tries: number; readonly until: Instant }

// ── instance ────────────────────────────────────────────────────────────────
//  absent → starting → ready → prompted → working → ready …
//              any → resting(until) → starting …      resting, too often → quarantined(until) → starting
//              any → stopping → stopped

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
  /** Turns of a worker that ended in a row without one call of our tools; not in states that were written before. */
  readonly turnsWithoutTools?: number
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
  | { readonly name: 'resting'; readonly since: Instant; readonly until: Instant; readonly reason: string }
  | { readonly name: 'quarantined'; readonly since: Instant; readonly until: Instant; readonly reason: string }
  | { readonly name: 'stopping'; readonly since: Instant }
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

// ── task ────────────────────────────────────────────────────────────────────
//  proposed → waiting → queued → assigned → working → reported → merging → merged
//                          ↑         │         │                    │
//                          │         └── released (worker lost) ──┐ ├→ conflicted ─┐
//                          └──────────────────────────────────────┘ └→ rejected ───┴→ assigned (owner first)
//  working → blocked → (answer) queued          any unmerged → cancelled

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
  | { readonly kind: 'conflict'; readonly paths: readonly string[]; readonly tasks: readonly TaskId[] }
  | { readonly kind: 'checks'; readonly output: string }

export interface Attempt {
  readonly instance: InstanceId
  readonly launch: Launch
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly outcome: 'running' | 'reported' | 'blocked' | 'lost' | 'cancelled'
}

export type TaskPhase =
  | { readonly name: 'proposed'; readonly since: Instant }
  | { readonly name: 'waiting'; readonly since: Instant }
  | { readonly name: 'queued'; readonly since: Instant }
  | { readonly name: 'assigned'; readonly since: Instant; readonly instance: InstanceId }
  | { readonly name: 'working'; readonly since: Instant; readonly instance: InstanceId; readonly reminders: number }
  | { readonly name: 'reported'; readonly since: Instant; readonly instance: InstanceId; readonly commit: Commit }
  | { readonly name: 'merging'; readonly since: Instant; readonly instance: InstanceId; readonly commit: Commit }
  | { readonly name: 'merged'; readonly since: Instant; readonly commit: Commit }
  /** Back with its owner, why says `returned`. */
  | { readonly name: 'conflicted' | 'rejected'; readonly since: Instant }
  /** The Manager was told so often, and is told again at `until`, as long as nobody answers. */
  | { readonly name: 'blocked'; readonly since: Instant; readonly question: string; readonly told: number; readonly until: Instant }
  | { readonly name: 'cancelled'; readonly since: Instant; readonly reason: string }

// ── merge ───────────────────────────────────────────────────────────────────

export interface Merge {
  readonly task: TaskId
  readonly instance: InstanceId
  readonly commit: Commit
  readonly phase: MergePhase
}

// ── credential ──────────────────────────────────────────────────────────────

export interface Credential {
  readonly id: CredentialId
  readonly kind: string
  readonly phase: CredentialPhase
  /** How many instances may hold it at once. */
  readonly capacity: number
  readonly leases: readonly InstanceId[]
  /** The latest sighting of each usage window. */
  readonly windows: readonly WindowSighting[]
}

//  fresh ⇄ leased → cooling(until) → fresh        any → disabled | missing → fresh
//                 → rejected | spent → fresh, when its file changes or a human says so

export type CredentialPhase =
  | { readonly name: 'fresh' | 'leased' | 'missing'; readonly since: Instant }
  | (Accused & { readonly name: 'cooling'; readonly since: Instant; readonly until: Instant; readonly window: UsageWindow | 'model' })
  | (Accused & { readonly name: 'rejected' | 'spent' | 'disabled'; readonly since: Instant; readonly reason: string })

export interface WindowSighting {
  readonly window: UsageWindow
  readonly usedPercent: number
  readonly resetsAt: Instant | null
  readonly seenAt: Instant
}
