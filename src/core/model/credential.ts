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
