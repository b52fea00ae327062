import type { Habit } from '../players/script.ts'
import type { Limits } from './limit-scenarios.ts'

export type Quirk = Exclude<Habit['type'], 'diligent'>

export interface Scenario {
  readonly summary: string
  /** Where in every nine tasks, counted from 1, something out of the ordinary happens. `collides` concerns the next task as well. */
  readonly quirks: Readonly<Record<number, Quirk>>
  /** Commands that must pass on a merged tree. */
  readonly checks: readonly string[]
  /** What happens to the credentials; nothing, if it is not given. */
  readonly limits?: Limits
}
