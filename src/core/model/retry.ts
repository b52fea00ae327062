import type { Instant } from './ids.ts'
import { timeouts } from './policy.ts'

/** A command that is issued repeatedly until it succeeds. */
export interface Retry {
  /** How often it was issued. */
  readonly tries: number
  /** When it is issued again, unless its success is reported before. */
  readonly until: Instant
  /** Why the last try failed; null while the first one is under way. */
  readonly reason: string | null
}

export const firstTry = (at: Instant, timeoutMs: number): Retry => ({
  tries: 1,
  until: at + timeoutMs,
  reason: null,
})

/** The next try: after a failure, after a timeout, or because the server was restarted. */
export const nextTry = (
  { tries, until, reason }: Retry,
  at: Instant,
  timeoutMs: number,
): Retry => ({
  tries: tries + 1,
  until: at + timeoutMs,
  reason: reason ?? (at < until ? null : lateReason(timeoutMs)),
})

/** The try failed; the next one follows after `retryPauseMs`. */
export const failedTry = ({ tries }: Retry, at: Instant, reason: string): Retry => ({
  tries,
  until: at + timeouts.retryPauseMs,
  reason,
})

export const lateReason = (timeoutMs: number): string =>
  `no outcome was reported within ${Math.round(timeoutMs / 60_000)} minutes`
