export interface Pace {
  /** How much may come at once after a rest. */
  readonly burst: number
  readonly perSecond: number
}

/** What adding up fractions loses. */
const dust = 1e-6

/** Lets a burst through, and then a steady stream. Times are milliseconds of any clock that does not run backwards. */
export class TokenBucket {
  readonly #pace: Pace
  #tokens: number
  #filledAt: number

  constructor(pace: Pace, now: number) {
    this.#pace = pace
    this.#tokens = pace.burst
    this.#filledAt = now
  }

  /** Takes a token and answers 0, or takes nothing and answers in how many whole milliseconds there is one. */
  take(now: number): number {
    const { burst, perSecond } = this.#pace
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = now
    if (this.#tokens < 1 - dust) return Math.ceil(((1 - this.#tokens) / perSecond) * 1_000)
    this.#tokens -= 1
    return 0
  }
}
