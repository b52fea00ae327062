import { setTimeout as delay } from 'node:timers/promises'
import type { Entry, Outbox } from './outbox.ts'
import type { PostToServer } from './server-client.ts'

export interface DeliveryParts {
  readonly outbox: Outbox
  readonly post: PostToServer
  readonly launch: number
}

/** Milliseconds in which the server must answer an event that no hook waits for. */
const answerLimitMs = 10_000
/** Milliseconds between two tries: at first, and at most. A new event ends a pause. */
const pauses = { first: 100, longest: 2_000 }
/** Milliseconds after "too many requests", which nothing ends. */
const pauseWhenTooMany = 1_000

interface Waiter {
  /** Aborted when the hook ends without an answer. */
  readonly signal: AbortSignal
  readonly resolve: (answer: string) => void
}

/** What a try came to; `left`: the hook ended meanwhile, so the next try says so. */
type Outcome = 'final' | 'left' | 'too-many' | 'none'

/** Posts the events of the outbox, oldest first and one after the other, until none is left. */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #waiters = new Map<number, Waiter>()
  #isRunning = false
  #endPause: (() => void) | null = null

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /**
   * Stores an event, and resolves with the server's answer to it; with null when `signal` is
   * aborted before there is one. The event stays then, and is posted later as one whose hook has
   * ended.
   */
  async take(event: string, body: Buffer, signal: AbortSignal): Promise<string | null> {
    const { sequence } = this.#parts.outbox.append(event, body)
    const answered = new Promise<string | null>((resolve) => {
      this.#waiters.set(sequence, { signal, resolve })
      signal.addEventListener('abort', () => resolve(null), { once: true })
      if (signal.aborted) resolve(null)
    })
    this.begin()
    try {
      return await answered
    } finally {
      this.#waiters.delete(sequence)
    }
  }

  /** Posts what is there, at once. */
  begin(): void {
    this.#endPause?.()
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#postAll()
  }

  async #postAll(): Promise<void> {
    const { outbox } = this.#parts
    let pauseMs = pauses.first
    for (let entry = outbox.first(); entry !== null; entry = outbox.first()) {
      const outcome = await this.#postOne(entry)
      if (outcome === 'final') {
        outbox.remove(entry)
        pauseMs = pauses.first
      } else if (outcome === 'too-many') await delay(pauseWhenTooMany)
      else if (outcome === 'none') {
        await this.#pause(pauseMs)
        pauseMs = Math.min(2 * pauseMs, pauses.longest)
      }
    }
    // In the same step as the last look, so that no event comes between the two.
    this.#isRunning = false
  }

  async #pause(milliseconds: number): Promise<void> {
    const ended = new AbortController()
    this.#endPause = () => ended.abort()
    await delay(milliseconds, undefined, { signal: ended.signal }).catch(() => undefined)
    this.#endPause = null
  }

  async #postOne(entry: Entry): Promise<Outcome> {
    const { outbox, post, launch } = this.#parts
    const body = outbox.read(entry)
    if (body === null) return 'final'
    const waiter = this.#waiters.get(entry.sequence)
    const limit = AbortSignal.timeout(answerLimitMs)
    try {
      const { status, body: answer } = await post({
        path: `/hooks/${entry.event}`,
        headers: {
          'X-Launch': String(launch),
          'X-Sequence': String(entry.sequence),
          ...(waiter === undefined ? { 'X-Replay': '1' } : {}),
        },
        body,
        signal: waiter === undefined ? limit : AbortSignal.any([waiter.signal, limit]),
      })
      if (status === 429) return 'too-many'
      const isTaken = status >= 200 && status < 300
      const isRefused = status >= 400 && status < 500
      if (isTaken || isRefused) waiter?.resolve(isTaken ? answer : '')
      return isTaken || isRefused ? 'final' : 'none'
    } catch {
      return waiter?.signal.aborted ? 'left' : 'none'
    }
  }
}
