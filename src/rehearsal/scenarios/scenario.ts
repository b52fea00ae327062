import type { Habit } from '../players/script.ts'
import type { Limits } from './limit-scenarios.ts'

export type Quirk = Exclude<Habit['type'], 'diligent'>

/** `completes`: runs the command line of the run's need. `ticks`: builds a task and ticks its item. */
export type OperatorAct = 'completes' | 'ticks'

export interface Scenario {
  readonly summary: string
  /** Where in every nine tasks, counted from 1, something out of the ordinary happens. `collides` concerns the next task as well. */
  readonly quirks: Readonly<Record<number, Quirk>>
  /** Commands that must pass on a merged tree. */
  readonly checks: readonly string[]
  /** Tasks in one submission of the Manager; without it, the first plan holds them all. */
  readonly wave?: number
  /** The Manager never says that the plan is complete, and never finishes the run. */
  readonly neverCompletes?: true
  /** What a person does during the run. */
  readonly operator?: OperatorAct
  /** More of `orchestrator.json`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** What happens to the credentials; nothing, if it is not given. */
  readonly limits?: Limits
}
