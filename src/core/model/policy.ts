import type { Budget } from './ledger.ts'

/**
 * The operator's settings that decisions depend on, read from the configuration at each start. A
 * new one needs a field and its default here, and an entry in `src/config/limits.ts` (or, outside
 * of `limits`, in `schema.ts`) with the same name, where the unit may be `Seconds` or `Minutes`.
 */
export interface Policy {
  readonly workerCount: number
  /** `approve`: no task starts before a human approves the plan. */
  readonly plan: 'auto' | 'approve'
  /**
   * `fresh` clears the conversation before every task; `same` assigns the next task in the answer
   * to the Stop hook.
   */
  readonly context: 'fresh' | 'same'
  /** Reminders to a worker that stopped without a report, before its task counts as blocked. */
  readonly reminders: number
  /** Times work returns to its worker (conflict, failed checks) before the Manager must decide. */
  readonly returns: number
  /**
   * Times that the Manager may decide about a task that was returned too often, that its workers
   * do not report, or on which they hang or are lost, before a person must.
   */
  readonly rounds: number
  /** Workers lost in a row on one task, before the Manager must decide. */
  readonly losses: number
  /**
   * From the command to start an instance, or the last progress of its workspace, to its
   * SessionStart hook.
   */
  readonly startTimeoutMs: number
  /** How many starts may use the processors at once; see `rules/start-queue.ts`. */
  readonly startsAtOnce: number
  /**
   * After this long a starting instance is inspected: it may ask a question that only its screen
   * shows. Not a setting.
   */
  readonly startLookMs: number
  /** From sending a prompt to its UserPromptSubmit hook. */
  readonly promptTimeoutMs: number
  /** Delivery attempts for one prompt, before the instance is restarted. */
  readonly promptTries: number
  /** After this long without a signal, a working instance is inspected. */
  readonly silenceMs: number
  /**
   * How long a turn may be silent while its screen shows that it works. Then it is interrupted.
   */
  readonly busyMs: number
  /** First back-off after a failure; it doubles up to `backOffCapMs`. */
  readonly backOffMs: number
  readonly backOffCapMs: number
  /** Failures within `quarantineWindowMs` after which an instance is taken out of service. */
  readonly quarantineFailures: number
  readonly quarantineWindowMs: number
  /** The commands that check a merge; the setting `checks.commands`. */
  readonly checks: readonly string[]
  /** Time limit of the commands that check a merge; the setting `checks.timeoutMinutes`. */
  readonly checksTimeoutMs: number
  /** How often the server fetches from the origin. */
  readonly upstreamEveryMs: number
  /** `file`: an instance holds its credential; `gateway`: the server adds it to each request. */
  readonly credentials: 'file' | 'gateway'
  /** Whether a subscription may continue as paid overage when its window is full. */
  readonly allowOverage: boolean
  /** Usage of a window, in percent, at which instances move to another credential with room. */
  readonly moveAtPercent: number
  /** Limits of usage for each task and for the run; a missing one means no limit. */
  readonly budget: Budget
  /** How many instances may share one credential. */
  readonly instancesPerCredential: number
}

/**
 * Claude Code 2.1.328 confirms a prompt within 0.4 s and starts in 1.3 s. Back-off and quarantine
 * follow the fault table in docs/faults.md.
 */
export const defaultPolicy: Omit<Policy, 'workerCount'> = {
  plan: 'auto',
  context: 'fresh',
  reminders: 2,
  returns: 2,
  rounds: 3,
  losses: 6,
  startTimeoutMs: 90_000,
  startsAtOnce: 51,
  startLookMs: 8_000,
  promptTimeoutMs: 15_000,
  promptTries: 4,
  silenceMs: 10 * 60_000,
  busyMs: 120 * 60_000,
  backOffMs: 1_000,
  backOffCapMs: 60_000,
  quarantineFailures: 5,
  quarantineWindowMs: 10 * 60_000,
  checks: [],
  checksTimeoutMs: 20 * 60_000,
  upstreamEveryMs: 60_000,
  credentials: 'file',
  allowOverage: false,
  moveAtPercent: 90,
  budget: {},
  instancesPerCredential: 1,
}

/**
 * Deadlines of commands that have time limits of their own. Each is longer than everything that may
 * run before the command in its queue plus the command itself, so it passes only when an outcome is
 * lost or something hangs.
 */
export const timeouts = {
  /**
   * `stop-instance` and `save-work`. In the queue of their instance, a start and a salvage may run
   * before them. Each takes at most 5 minutes (the runtimes' limit for a tool), 15 in all; a third
   * more is for a busy engine.
   */
  instanceMs: 20 * 60_000,
  /**
   * A command in the queue of the hub, in addition to the checks of the merge before it. Besides
   * that merge, at most a fetch and a commit wait there; git gives up on an origin that is silent
   * for 2 minutes. A push, which waits for nothing, may be silent for 25 minutes.
   */
  hubMs: 30 * 60_000,
  /** From the failure of a command to its next try; a runtime that restarts is back by then. */
  retryPauseMs: 5_000,
  /**
   * `replace-credential`. It takes at most 10 s for a login that another instance still has
   * (src/engine/commands/logins.ts) and 5 s for the approval of an API key
   * (src/claude/launch/state-file.ts); another 15 s are for a prompt before it in the queue.
   */
  placeMs: 30_000,
  /**
   * From the report that a credential is in place to the hook that its settings were read. Claude
   * Code sends it 1.0 to 1.4 s after the write (measured, 2.1.328).
   */
  settingsReadMs: 8_000,
  /**
   * From the report that `/clear` was typed to the hook that answers it: within 0.6 s on a busy
   * machine (docs/claude-code.md).
   */
  clearMs: 4_000,
  /**
   * `interrupt-turn`: at most 5 readings of the screen, a second apart. A prompt and a rotation may
   * run before it in the queue, 15 s each; the rest is for a busy machine.
   */
  interruptMs: 60_000,
  /**
   * The preparation of a workspace, as long as it moves on: a checkout of 100 GB at 7 MB/s. The
   * next start continues it, so that the end costs only a restart.
   */
  preparationMs: 4 * 3_600_000,
} as const

/** For a command in the hub's queue. */
export const hubTimeoutMs = ({ checksTimeoutMs }: Pick<Policy, 'checksTimeoutMs'>): number =>
  checksTimeoutMs + timeouts.hubMs
