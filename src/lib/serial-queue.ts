/** Runs jobs of one key in sequence, and different keys in parallel. Jobs must not reject. */
export class SerialQueue<Key> {
  readonly #tails = new Map<Key, Promise<void>>()

  add(key: Key, job: () => Promise<void>): void {
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(job)
    this.#tails.set(key, tail)
    void tail.finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
  }

  /** Like `add`, with the outcome of the job, which may reject. */
  run<Value>(key: Key, job: () => Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    this.add(key, () => job().then(resolve, reject))
    return promise
  }

  /** Resolves when no job runs or waits. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}
