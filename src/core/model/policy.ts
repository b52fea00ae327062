import type { Budget } from './ledger.ts'

/** The operator's settings that decisions depend on; they come from the configuration at each start of the server. */
export interface Policy {
  readonly workerCount: number
  /** `approve` waits for a human before anything executes. */
  readonly plan: 'auto' | 'approve'
  /** A cleared conversation for every new task; `same` hands the next task over in the Stop hook's answer. */
  readonly context: 'fresh' | 'same'
  /** Times a worker that stopped without a report is reminded before its task is shown as blocked. */
  readonly reminders: number
  /** Times work is handed back to its owner (conflict, failed checks) before the Manager must decide. */
  readonly returns: number
  /** So many workers lost over one task in a row, and the Manager must decide about it. */
  readonly losses: number
  /** From the order to start an instance to its SessionStart hook. */
  readonly startTimeoutMs: number
  /** An instance that is not up after so long is looked at: it may ask something that only its screen shows. */
  readonly startLookMs: number
  /** From sending a prompt to its UserPromptSubmit hook. */
  readonly promptTimeoutMs: number
  /** Sendings of one prompt before the instance is started anew. */
  readonly promptTries: number
  /** A working instance of which nothing was heard for so long is looked at. */
  readonly silenceMs: number
  /** First back-off after a failure; it doubles up to `backOffCapMs`. */
  readonly backOffMs: number
  readonly backOffCapMs: number
  /** So many failures within `quarantineWindowMs` take an instance out of service. */
  readonly quarantineFailures: number
  readonly quarantineWindowMs: number
  /** How often the origin is asked for what others pushed. */
  readonly upstreamEveryMs: number
  /** `file`: an instance has its credential; `gateway`: the server adds it to each request, and no instance ever sees it. */
  readonly credentials: 'file' | 'gateway'
  /** A subscription whose window is full may go on as paid overage. */
  readonly allowOverage: boolean
  /** A credential of which so much of a window is used is left before its end, while another has room. */
  readonly moveAtPercent: number
  /** What tasks and the run may use; what is missing is not limited. */
  readonly budget: Budget
  /** How many instances may share one credential. */
  readonly instancesPerCredential: number
}

/** Figures: prompts are confirmed within 0.4 s (2.1.328), a start takes 1.3 s; back-off and quarantine follow the fault table in docs/faults.md. */
export const defaultPolicy: Omit<Policy, 'workerCount'> = {
  plan: 'auto',
  context: 'fresh',
  reminders: 2,
  returns: 2,
  losses: 6,
  startTimeoutMs: 90_000,
  startLookMs: 8_000,
  promptTimeoutMs: 15_000,
  promptTries: 4,
  silenceMs: 10 * 60_000,
  backOffMs: 1_000,
  backOffCapMs: 60_000,
  quarantineFailures: 5,
  quarantineWindowMs: 10 * 60_000,
  upstreamEveryMs: 60_000,
  credentials: 'file',
  allowOverage: false,
  moveAtPercent: 90,
  budget: {},
  instancesPerCredential: 1,
}
