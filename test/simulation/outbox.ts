import type { Decision } from '../../src/core/decide.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Faults } from './faults.ts'
import { wait } from './wait.ts'

/** Null without an answer. */
export type Deliver = (fact: NewEvent) => Promise<Decision | null>

interface OutboxParts {
  readonly name: string
  readonly clock: Clock
  readonly faults: Faults
  readonly deliver: Deliver
}

/**
 * The hooks of one instance on their way. What is in the outbox is kept until it is acknowledged,
 * and sent in order; it is sometimes sent twice, and once more minutes later, when another launch
 * runs. A hook is lost only if its process dies before it gets there.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #waiting: NewEvent[] = []
  /** One at a time is on its way. */
  #sending: Promise<unknown> = Promise.resolve()
  #sequence = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** The server's decision about this hook, if it was delivered while the hook still waited. */
  async put(fact: NewEvent): Promise<Decision | null> {
    const { name, faults, clock } = this.#parts
    this.#sequence += 1
    const numbered = { ...fact, sequence: this.#sequence } as NewEvent
    if (faults.strike('hook-lost', name)) return null
    const delay = faults.strike('hook-late', name)
    if (delay !== null) {
      this.#waiting.push(late(numbered))
      void wait(clock, delay.between(500, 300_000)).then(() => this.drain())
      return null
    }
    return await this.#next(async () => {
      await this.#sendWaiting()
      if (this.#waiting.length === 0) return await this.#send(numbered)
      this.#waiting.push(late(numbered))
      return null
    })
  }

  /** What waits is sent in order, up to the first that is not taken. */
  async drain(): Promise<void> {
    await this.#next(() => this.#sendWaiting())
  }

  #next<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#sending.then(work)
    this.#sending = result
    return result
  }

  async #sendWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if ((await this.#parts.deliver(next)) === null) return
      this.#waiting.shift()
    }
  }

  async #send(fact: NewEvent): Promise<Decision | null> {
    const { name, faults, clock, deliver } = this.#parts
    const decision = await deliver(fact)
    if (decision === null) {
      this.#waiting.push(late(fact))
      return null
    }
    if (faults.strike('hook-doubled', name)) void deliver(late(fact))
    const again = faults.strike('hook-again', name)
    if (again !== null)
      void wait(clock, again.between(1_000, 600_000)).then(() => deliver(late(fact)))
    return decision
  }
}

/** The hook's process has ended: its answer would be lost. */
const late = (fact: NewEvent): NewEvent =>
  fact.type === 'turn-ended' ? { ...fact, isAnswerable: false } : fact
