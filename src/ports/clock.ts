import type { Instant } from '../core/model/ids.ts'

export interface Clock {
  now(): Instant
  /** Rings once at or soon after `at`; disposing it first means it never rings. */
  alarm(at: Instant, ring: () => void): Disposable
}
