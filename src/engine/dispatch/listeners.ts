import type { State } from '../../core/model/state.ts'
import type { JournalEntry } from '../../ports/store.ts'

export interface Change {
  readonly before: State
  readonly after: State
  readonly entry: JournalEntry
}

export type Listener = (change: Change) => void

/** Called with what belongs to no caller. */
export type OnProblem = (what: string, error: unknown) => void

/** Ends the process: it is a bug, and no caller waits for it. */
const rethrow: OnProblem = (_, error) => {
  queueMicrotask(() => {
    throw error
  })
}

/** Who is called after every commit, in order. */
export class Listeners {
  readonly #listeners = new Set<Listener>()
  readonly #onProblem: OnProblem

  constructor(onProblem: OnProblem = rethrow) {
    this.#onProblem = onProblem
  }

  add(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** One that throws takes nothing from the others, nor from the callers of the burst. */
  announce(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        this.#onProblem('a listener of the state failed', error)
      }
    }
  }

  [Symbol.dispose](): void {
    this.#listeners.clear()
  }
}
