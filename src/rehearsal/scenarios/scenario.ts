import type { Habit } from '../players/script.ts'
import type { Limits } from './limit-scenarios.ts'

export type Quirk = Exclude<Habit['type'], 'diligent' | 'awaits'>

/**
 * `push-conflict`: another clone pushes what conflicts with work that was just merged.
 * `hide-origin`: the origin is away while the last task is merged, so this act is the last one.
 * `hang-engine`: the Docker engine accepts requests and answers none for a while.
 * `leak-secret`: a person pushes a secret, and the run goes on with it.
 * The others rewrite the history of the origin: `reset` to before a merge, `amend` a commit, or
 * `purge` the secret.
 * Then a person answers, or puts the former history back.
 */
export type ActName =
  | 'push-conflict'
  | 'hide-origin'
  | 'reset-and-keep'
  | 'reset-and-put-back'
  | 'reset-and-follow'
  | 'amend-and-keep'
  | 'leak-secret'
  | 'purge-and-follow'
  | 'hang-engine'

/**
 * `completes`: runs the command line of the run's need. `ticks`: builds a task and ticks its item.
 */
export type OperatorAct = 'completes' | 'ticks'

export interface Scenario {
  readonly summary: string
  /**
   * Where in every nine tasks, counted from 1, something out of the ordinary happens. `collides`
   * concerns the next task as well.
   */
  readonly quirks: Readonly<Record<number, Quirk>>
  /** Commands that must pass on a merged tree. */
  readonly checks: readonly string[]
  /** Tasks in one submission of the Manager; without it, the first plan holds them all. */
  readonly wave?: number
  /** The Manager never says that the plan is complete, and never finishes the run. */
  readonly neverCompletes?: true
  /** What a person does during the run. */
  readonly operator?: OperatorAct
  /**
   * What happens beside the work, one after the other: each once all but the last tasks are merged.
   * For each, one of the last tasks waits.
   */
  readonly acts?: readonly ActName[]
  /** More of `orchestrator.json`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** What happens to the credentials; nothing, if it is not given. */
  readonly limits?: Limits
}
