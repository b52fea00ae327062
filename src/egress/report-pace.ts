import { type Pace, TokenBucket } from '../lib/token-bucket.ts'

/** An instance may cause any number of reports: only some pass, and the others are counted. */
export class ReportPace {
  readonly #bucket: TokenBucket
  #unreported = 0

  constructor(pace: Pace) {
    this.#bucket = new TokenBucket(pace, performance.now())
  }

  /** How many were not reported since the last one; null when this one comes too fast. */
  next(): number | null {
    if (this.#bucket.take(performance.now()) > 0) {
      this.#unreported += 1
      return null
    }
    const unreported = this.#unreported
    this.#unreported = 0
    return unreported
  }
}
