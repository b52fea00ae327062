import type { Commit, CredentialId, InstanceId, Instant, Launch, RunId, TaskId } from './ids.ts'
import type { News } from './news.ts'
import type { Rules } from './rules.ts'

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
  /** What the Manager has not been told yet. */
  readonly news: readonly News[]
}

export type Role = 'manager' | 'worker' | 'reviewer'

// ── run ─────────────────────────────────────────────────────────────────────
//
//  preparing → planning → (awaiting-approval →) executing → finishing → done
//                 any of them → failed                executing ⇄ paused

export interface Run {
  readonly id: RunId
  readonly phase: RunPhase
  /** The target branch's head as far as the server moved it. */
  readonly head: Commit | null
  /** True once the Manager said that its plan holds everything the direction asks for. */
  readonly planIsComplete: boolean
  /** Task lists are rendered from the plan; `committed` lags `wanted` while a commit is owed. */
  readonly lists: { readonly wanted: number; readonly committed: number }
  readonly publish: PublishState
}

export type RunPhase =
  | { readonly name: 'preparing'; readonly since: Instant }
  | { readonly name: 'planning'; readonly since: Instant }
  | { readonly name: 'awaiting-approval'; readonly since: Instant }
  | { readonly name: 'executing'; readonly since: Instant }
  | { readonly name: 'finishing'; readonly since: Instant; readonly report: string }
  | { readonly name: 'done'; readonly since: Instant; readonly report: string }
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string }

/** `owed` while the origin lacks our head; `refused` says why it would not take it and when we ask again. */
export type PublishState =
  | { readonly name: 'current' }
  | { readonly name: 'owed' }
  | { readonly name: 'refused'; readonly reason: string; readonly since: Instant; readonly again: Instant; readonly tries: number }

// ── instance ────────────────────────────────────────────────────────────────
//
//  absent → starting → ready → prompted → working → ready …
//              any → resting(until) → starting …      resting, too often → quarantined
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
  readonly credential: CredentialId | null
  /** When it failed, within the window of the quarantine rule. */
  readonly failures: readonly Instant[]
  /** Prompts ever sent, so that each has a name of its own. */
  readonly prompts: number
  /** A conversation exists that a new launch can continue. */
  readonly hasConversation: boolean
}

export type InstancePhase =
  | { readonly name: 'absent' }
  | { readonly name: 'starting'; readonly since: Instant }
  | { readonly name: 'ready'; readonly since: Instant }
  | { readonly name: 'prompted'; readonly since: Instant; readonly prompt: Prompt; readonly tries: number }
  | { readonly name: 'working'; readonly since: Instant; readonly prompt: Prompt; readonly heard: Instant }
  | { readonly name: 'limited'; readonly since: Instant; readonly until: Instant; readonly reason: string }
  | { readonly name: 'resting'; readonly since: Instant; readonly until: Instant; readonly reason: string }
  | { readonly name: 'quarantined'; readonly since: Instant; readonly reason: string }
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

export type PromptPurpose = 'plan' | 'news' | 'task' | 'rework' | 'reminder' | 'resume'

// ── task ────────────────────────────────────────────────────────────────────
//
//  proposed → waiting → queued → assigned → working → reported → merging → merged
//                          ↑         │         │                    │
//                          │         └── released (worker lost) ──┐ ├→ conflicted ─┐
//                          └──────────────────────────────────────┘ └→ rejected ───┴→ assigned (owner first)
//  working → blocked → (answer) queued          any unmerged → failed | cancelled

export interface Task {
  readonly id: TaskId
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** The worker whose list holds it; null until one takes it. */
  readonly assignee: InstanceId | null
  readonly phase: TaskPhase
  /** Every time a worker took it, oldest first. */
  readonly attempts: readonly Attempt[]
  /** Times the server turned the work back: conflicts and failed checks. */
  readonly returns: number
  /** Said to the worker with its next brief: answers to its questions, what to change. */
  readonly notes: readonly string[]
  /** The last commit taken in from a worker; a new attempt starts there. */
  readonly commit: Commit | null
  readonly progress: string | null
  readonly summary: string | null
}

export interface Attempt {
  readonly instance: InstanceId
  readonly launch: Launch
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly outcome: 'running' | 'reported' | 'blocked' | 'lost' | 'cancelled' | 'failed'
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
  | { readonly name: 'conflicted'; readonly since: Instant; readonly paths: readonly string[]; readonly tasks: readonly TaskId[] }
  | { readonly name: 'rejected'; readonly since: Instant; readonly output: string }
  | { readonly name: 'blocked'; readonly since: Instant; readonly question: string }
  | { readonly name: 'failed'; readonly since: Instant; readonly reason: string }
  | { readonly name: 'cancelled'; readonly since: Instant; readonly reason: string }

// ── merge ───────────────────────────────────────────────────────────────────

export interface Merge {
  readonly task: TaskId
  readonly instance: InstanceId
  readonly commit: Commit
  readonly phase: { readonly name: 'queued' | 'trying' | 'checking'; readonly since: Instant }
}

// ── credential ──────────────────────────────────────────────────────────────

export interface Credential {
  readonly id: CredentialId
  readonly kind: string
  readonly phase: { readonly name: 'fresh' | 'leased' | 'missing'; readonly since: Instant }
  /** How many instances may hold it at once. */
  readonly capacity: number
  readonly leases: readonly InstanceId[]
}
