import type { Instant } from '../../core/model/ids.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Clock } from '../../ports/clock.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'

/** Why the store cannot be written, and since when. Without it no event is decided. */
export interface WriteOutage {
  readonly reason: string
  readonly since: Instant
}

type Listener = (outage: WriteOutage | null) => void

/** How often a write is tried during a write outage. */
const retryMs = 1_000

/** Notices when the store can no longer be written, and when it can again. */
export class OutageWatch implements Disposable {
  readonly #clock: Clock
  readonly #tryAgain: () => void
  readonly #listeners = new Set<Listener>()
  #outage: WriteOutage | null = null
  #retry: Disposable | null = null

  /** `tryAgain` is called every second during an outage, and should write. */
  constructor(clock: Clock, tryAgain: () => void) {
    this.#clock = clock
    this.#tryAgain = tryAgain
  }

  /** Null while the store can be written. */
  get outage(): WriteOutage | null {
    return this.#outage
  }

  /** Calls the listener when an outage begins, and with null when it ends. */
  watch(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Ends the outage when the write succeeds; otherwise begins one and plans a retry. */
  write<Result>(write: () => Result): Result {
    try {
      const result = write()
      if (this.#outage !== null) this.#set(null)
      return result
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      const now = this.#clock.now()
      this.#retry ??= this.#clock.alarm(now + retryMs, () => {
        this.#retry = null
        this.#tryAgain()
      })
      if (this.#outage === null) this.#set({ reason: reasonOf(error), since: now })
      throw error
    }
  }

  #set(outage: WriteOutage | null): void {
    this.#outage = outage
    for (const listener of this.#listeners) listener(outage)
  }

  [Symbol.dispose](): void {
    this.#retry?.[Symbol.dispose]()
    this.#listeners.clear()
  }
}

/** An outage is recorded already, and its retry is planned. */
export function unlessUnavailable(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
  }
}
