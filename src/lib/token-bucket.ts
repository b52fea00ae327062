export interface Pace {
  /** Size of the bucket: the most that may come at once. */
  readonly burst: number
  readonly perSecond: number
}

/** Bounds the rounding error of adding fractions. */
const tolerance = 1e-6

/** Limits a rate, after an initial burst. Times are milliseconds of a monotonic clock. */
export class TokenBucket {
  readonly #pace: Pace
  #tokens: number
  #filledAt: number

  constructor(pace: Pace, now: number) {
    this.#pace = pace
    this.#tokens = pace.burst
    this.#filledAt = now
  }

  /** Takes a token and returns 0, or takes none and returns the milliseconds until there is one. */
  take(now: number): number {
    const waitMs = this.wait(now)
    if (waitMs === 0) this.#tokens -= 1
    return waitMs
  }

  /** The milliseconds until there is a token; 0 when there is one. */
  wait(now: number): number {
    this.#fill(now)
    if (this.#tokens >= 1 - tolerance) return 0
    return Math.ceil(((1 - this.#tokens) / this.#pace.perSecond) * 1_000)
  }

  /** Takes what was used already, also when it is more than there is. */
  charge(tokens: number, now: number): void {
    this.#fill(now)
    this.#tokens -= tokens
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#pace
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = now
  }
}
