import type { CredentialId, InstanceId, Instant } from './ids.ts'
import type { Reporter, UsageWindow } from './model-error.ts'

export interface Credential {
  readonly id: CredentialId
  readonly kind: string
  readonly phase: CredentialPhase
  /** How many instances may hold it at once. */
  readonly capacity: number
  readonly leases: readonly InstanceId[]
  /** The latest observation of each usage window. */
  readonly windows: readonly WindowUsage[]
  /**
   * How often in a row it was refused for a limit without a name; an answer of the model ends the
   * row.
   */
  readonly unnamedLimits: number
  /**
   * The instances that were given its secret, each once. Empty when the gateway uses it for them.
   */
  readonly disclosures: readonly Disclosure[]
}

/** An instance was given the secret; an agent in it may have read and kept it. */
export interface Disclosure {
  readonly instance: InstanceId
  readonly at: Instant
  /**
   * `first`: it is the first one of the instance. `report`: nothing but reports of the instance
   * itself led to it. `server`: its own one was taken from it for another reason. `person`: a
   * person decided it.
   */
  readonly cause: 'first' | 'report' | 'server' | 'person'
}

/** `transitions.ts` has the legal changes. */
export type CredentialPhase =
  | { readonly name: 'fresh' | 'leased' | 'missing'; readonly since: Instant }
  | (Reporter & {
      readonly name: 'cooling'
      readonly since: Instant
      readonly until: Instant
      readonly window: UsageWindow | 'model'
    })
  | (Reporter & {
      readonly name: 'rejected' | 'spent' | 'disabled'
      readonly since: Instant
      readonly reason: string
    })

export interface WindowUsage {
  readonly window: UsageWindow
  readonly usedPercent: number
  readonly resetsAt: Instant | null
  readonly seenAt: Instant
}
