import { type Pace, TokenBucket } from './token-bucket.ts'

export interface TurnLimits {
  readonly open: number
  /** More than so many that wait get no turn, at once: each one holds a request in memory. */
  readonly waiting: number
  readonly pace: Pace
  readonly turnMs: number
}

/** At most so many at a time, and so many a second. More wait in the order in which they come. */
export class Turns {
  readonly #limits: TurnLimits
  readonly #bucket: TokenBucket
  readonly #waiting = new Set<(turn: Disposable | null) => void>()
  #open = 0
  #timer: NodeJS.Timeout | null = null

  constructor(limits: TurnLimits) {
    this.#limits = limits
    this.#bucket = new TokenBucket(limits.pace, performance.now())
  }

  /**
   * Null when no turn came in time, or too many wait. The turn ends when it is disposed of.
   */
  enter(): Promise<Disposable | null> {
    if (this.#waiting.size >= this.#limits.waiting) return Promise.resolve(null)
    const { promise, resolve } = Promise.withResolvers<Disposable | null>()
    const deadline = setTimeout(() => settle(null), this.#limits.turnMs)
    const settle = (turn: Disposable | null): void => {
      clearTimeout(deadline)
      this.#waiting.delete(settle)
      resolve(turn)
    }
    this.#waiting.add(settle)
    this.#admit()
    return promise
  }

  #admit(): void {
    for (const settle of this.#waiting) {
      if (this.#open >= this.#limits.open || this.#timer !== null) return
      const delayMs = this.#bucket.take(performance.now())
      if (delayMs > 0) return this.#admitIn(delayMs)
      this.#open += 1
      settle(this.#turn())
    }
  }

  #admitIn(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#admit()
    }, delayMs).unref()
  }

  #turn(): Disposable {
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#open -= 1
        this.#admit()
      },
    }
  }
}
