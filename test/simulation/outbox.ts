import type { Decision } from '../../src/core/decide.ts'
import type { Fact } from '../../src/engine/dispatcher.ts'
import type { Random } from './random.ts'

/** The hooks of one instance on their way: kept until they are acknowledged, sometimes sent twice, never lost. */
export class Outbox {
  readonly #random: Random
  readonly #troublePercent: number
  readonly #deliver: (fact: Fact) => Decision | null
  readonly #waiting: Fact[] = []
  #sequence = 0

  constructor(random: Random, troublePercent: number, deliver: (fact: Fact) => Decision | null) {
    this.#random = random
    this.#troublePercent = troublePercent
    this.#deliver = deliver
  }

  /** The server's decision about this hook, if it was delivered while the hook still waited. */
  put(fact: Fact): Decision | null {
    this.#sequence += 1
    const numbered = { ...fact, sequence: this.#sequence } as Fact
    if (this.#random.chance(this.#troublePercent)) {
      this.#waiting.push(late(numbered))
      return null
    }
    this.drain()
    if (this.#waiting.length > 0) {
      this.#waiting.push(late(numbered))
      return null
    }
    const decision = this.#deliver(numbered)
    if (decision === null) this.#waiting.push(late(numbered))
    else if (this.#random.chance(this.#troublePercent)) this.#deliver(late(numbered))
    return decision
  }

  /** What waits is sent in order, up to the first that nobody takes. */
  drain(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#deliver(next) === null) return
      this.#waiting.shift()
    }
  }
}

/** The hook's process has ended: its answer would reach nobody. */
const late = (fact: Fact): Fact => (fact.type === 'turn-ended' ? { ...fact, isAnswerable: false } : fact)
