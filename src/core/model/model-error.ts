import type { InstanceId, Instant } from './ids.ts'

/** Why the model did not answer. The core reacts to each kind differently. */
export type ModelError =
  /** A usage window of the credential is used up; `until` is its reset, null when unknown. */
  | { readonly kind: 'quota'; readonly window: UsageWindow; readonly until: Instant | null }
  /** The window of one model: the credential is still good for others. */
  | { readonly kind: 'model-quota'; readonly until: Instant | null }
  /** Too many requests at once, not a used-up window. */
  | { readonly kind: 'throttled' }
  /** The provider is overloaded or failing: 529 and the other 5xx. */
  | { readonly kind: 'overloaded' }
  /** The credential is expired, revoked, invalid, or not allowed. */
  | { readonly kind: 'rejected' }
  /** Its credit or its spending limit is used up. */
  | { readonly kind: 'spent' }
  /** No answer at all: a failure of the network, of DNS or of a proxy. */
  | { readonly kind: 'unreachable' }
  /** Any other error. It is not the credential's: another one would not help. */
  | { readonly kind: 'other' }

export type UsageWindow = 'five-hour' | 'weekly' | 'unknown'

/** Who reported that a credential must not be used; see `rules/credential-trust.ts`. */
export interface Reporter {
  /**
   * The instance whose report alone took the credential out of use. Null or missing when the server
   * saw the reason itself, an operator disabled the credential, or a second instance reported it.
   */
  readonly by?: InstanceId | null
}
