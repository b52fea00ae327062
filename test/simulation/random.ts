/** A seeded stream of numbers (mulberry32): the same seed makes the same world, step for step. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /**
   * An independent stream for each place that draws: leaving out a draw in one changes nothing in
   * the others.
   */
  static named(seed: number, name: string): Random {
    let mixed = (seed ^ 0x811c9dc5) >>> 0
    for (let index = 0; index < name.length; index += 1)
      mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193) >>> 0
    const random = new Random(mixed)
    random.next() // names that differ in their last letter begin far apart
    return random
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** True so often out of a hundred times. */
  chance(percent: number): boolean {
    return this.next() * 100 < percent
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.between(0, items.length - 1)] ?? items[0]
  }
}
