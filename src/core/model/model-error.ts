import type { InstanceId, Instant } from './ids.ts'

/** Why the model did not answer, told apart because each wants its own reaction. */
export type ModelError =
  /** A usage window of the credential is used up; `until` is its reset, null when nobody said. */
  | { readonly kind: 'quota'; readonly window: UsageWindow; readonly until: Instant | null }
  /** The window of one model: the credential is still good for others. */
  | { readonly kind: 'model-quota'; readonly until: Instant | null }
  /** Too many requests at once, not a used-up window. */
  | { readonly kind: 'throttled' }
  /** The provider has too much to do, or is failing: 529 and the other 5xx. */
  | { readonly kind: 'overloaded' }
  /** The credential is expired, revoked, invalid, or not allowed. */
  | { readonly kind: 'rejected' }
  /** Its credit or its spending limit is used up. */
  | { readonly kind: 'spent' }
  /** No answer at all: the network, a name, a proxy. */
  | { readonly kind: 'unreachable' }
  /** The request's own fault, or nobody's: no credential would have helped. */
  | { readonly kind: 'other' }

export type UsageWindow = 'five-hour' | 'weekly' | 'unknown'

export interface Reporter {
  /** On whose word alone it is out of use; null or nothing when the server has seen it, a human wants it, or a second one says the same. */
  readonly by?: InstanceId | null
}
