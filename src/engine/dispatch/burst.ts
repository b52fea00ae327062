/** Calls `work` when the process has read what its connections have sent. */
export type Soon = (work: () => void) => void

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** What became of an item: a result, or the error that its caller gets. */
export type Settled<Result> = { readonly result: Result } | { readonly error: unknown }

/** Gathers items that arrive together, so that they are worked on together. */
export class Burst<Item, Result> {
  readonly #work: (items: readonly Item[]) => readonly Settled<Result>[]
  readonly #soon: Soon
  #waiting: Waiting<Item, Result>[] = []

  /** `work` returns one outcome for each item; what it throws, every caller gets. */
  constructor(work: (items: readonly Item[]) => readonly Settled<Result>[], soon: Soon) {
    this.#work = work
    this.#soon = soon
  }

  get size(): number {
    return this.#waiting.length
  }

  add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    this.#waiting.push({ item, resolve, reject })
    if (this.#waiting.length === 1) this.#soon(() => this.flush())
    return promise
  }

  /** Works on what was gathered so far. */
  flush(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    try {
      const outcomes = this.#work(waiting.map(({ item }) => item))
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const outcome = outcomes[index]
        if (outcome !== undefined && 'result' in outcome) resolve(outcome.result)
        else reject(outcome?.error)
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
