import type { Fault } from '../../model/fault.ts'
import { nameOf } from '../../runner/credentials.ts'

interface Strike {
  readonly fault: Fault
  left: number
  readonly until: number
  /** When the first request was struck. */
  struckAt: number | null
}

/** What is held in store for the next requests with each credential. */
export class ModelFaults {
  readonly #strikes = new Map<string, Strike>()

  /** The next requests, as many, within so long from now. */
  arm(credential: string, fault: Fault, times: number, withinMs: number): () => number | null {
    const strike: Strike = { fault, left: times, until: Date.now() + withinMs, struckAt: null }
    this.#strikes.set(credential, strike)
    return () => strike.struckAt
  }

  /** For the secret of a request; an unknown one is refused. */
  faultFor(secret: string): Fault | null {
    const credential = nameOf(secret)
    if (credential === null) return { type: 'unauthorized' }
    const strike = this.#strikes.get(credential)
    const now = Date.now()
    if (!strike || isOver(strike, now)) return null
    strike.struckAt ??= now
    strike.left -= 1
    return strike.fault
  }
}

/** A limit lasts until its window opens; the others for a number of requests. */
function isOver({ fault, left, until, struckAt }: Strike, now: number): boolean {
  if (struckAt === null && now > until) return true
  return fault.type === 'limit' ? now >= fault.resetsAt : left <= 0
}
