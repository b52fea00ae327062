import type { ScriptedTask } from '../players/script.ts'
import type { ActName } from '../scenarios/scenario.ts'
import type { Removal } from './removal.ts'
import type { Setup } from './setup.ts'
import type { Status } from './status.ts'
import type { Finding } from './verify.ts'

/** What an act finds on the occasion, when everything else is merged and published. */
export interface Occasion {
  readonly setup: Setup
  /** The task whose worker has read its brief and waits for this act. */
  readonly task: ScriptedTask
  /** Lets that worker go on. */
  readonly release: () => void
  readonly say: (line: string) => void
  /** The last status. */
  readonly status: () => Status
  /** The next status that fits; fails when none comes in time. */
  readonly until: (what: string, fits: (status: Status) => boolean) => Promise<Status>
  /** Ends with the run. */
  readonly signal: AbortSignal
}

export interface Performed {
  /** Judges the end by a clone of the origin. */
  readonly judge: (clone: string) => Promise<readonly Finding[]>
  readonly removal?: Removal
}

/** Something that happens once in a run, done by a person or to the world. */
export type Act = (occasion: Occasion) => Promise<Performed>

export type Acts = Readonly<Record<ActName, Act>>
