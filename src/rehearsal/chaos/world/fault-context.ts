import type { Model } from '../../model/server.ts'
import type { Setup } from '../../runner/setup.ts'
import type { Status } from '../../runner/status.ts'
import type { Human } from './human.ts'
import type { KnownTask } from './known-task.ts'
import type { ModelFaults } from './model-faults.ts'
import type { OddWork } from './odd-work.ts'
import type { View } from './observer.ts'
import type { PlannedFault } from './schedule.ts'
import type { Supervisor } from './supervisor.ts'

/** All that faults may lay their hands on. */
export interface FaultContext {
  readonly setup: Setup
  readonly server: Supervisor
  readonly model: Model
  readonly modelFaults: ModelFaults
  readonly oddWork: OddWork
  readonly human: Human
  /** Those of the sample, whether they are planned or not. */
  readonly tasks: readonly KnownTask[]
  /** The name that the server gave the run. */
  readonly run: string
  /** Of tmux. */
  readonly socket: string
  /** The last status. */
  readonly status: () => Status
  /** A promise was broken, in a sentence. */
  readonly object: (violation: string) => void
}

/** A fault that has struck. */
export interface Injection {
  /** Ends it; for what passes by itself there is nothing to do. */
  readonly heal?: () => Promise<unknown> | undefined
  /** For a fault that waits for a request: when it struck, null while it has not. */
  readonly struckAt?: () => number | null
  /** Whether everything is again as if it had not struck; asked only after it healed. */
  readonly isWhole: (view: View) => boolean | Promise<boolean>
}

/** Null when there was nothing to strike. */
export type Inject = (scene: FaultContext, fault: PlannedFault) => Promise<Injection | null>

export const instanceIn = (status: Status | null, id: string) =>
  status?.instances.find((instance) => instance.id === id)

type Phase = Status['instances'][number]['phase']

/** It has a place to run, a terminal and the ear of the server. */
export const isAtWork = (phase: Phase | undefined): boolean =>
  phase === 'ready' || phase === 'prompted' || phase === 'working' || phase === 'limited'

export const isGone = (phase: Phase | undefined): boolean =>
  phase === 'stopping' || phase === 'stopped'
