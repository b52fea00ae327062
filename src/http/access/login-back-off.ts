import { loopback } from './peer.ts'

/** So many wrong tokens cost nothing: a person mistypes. */
const freeFailures = 5
const longestMs = 60_000
/** After so long without a wrong token a peer begins from the start. */
const forgottenAfterMs = 15 * 60_000
/** Peers beyond these share one count. */
const mostPeers = 4_096
const others = 'others'

interface Failures {
  readonly count: number
  /** When the last one was. */
  readonly at: number
}

/**
 * How long a peer waits after wrong tokens: 1 s after the fifth, then 2, 4 … 60 s. It holds no
 * timer and no request. Times are milliseconds; a peer is what `peerOf` answers.
 *
 * When very many peers have failed, new ones share one count, so that many addresses neither take
 * more memory nor more guesses. Loopback always has its own.
 */
export class LoginBackOff {
  /** The one that failed last is the last one. */
  readonly #failures = new Map<string, Failures>()

  /** The milliseconds until this peer may try again. */
  waitMs(peer: string, now: number): number {
    const { count, at } = this.#ofPeer(peer, now)
    if (count < freeFailures) return 0
    const delayMs = Math.min(longestMs, 1_000 * 2 ** (count - freeFailures))
    return Math.max(0, delayMs - apart(now, at))
  }

  /** Notes a wrong token; answers how many this peer has sent. */
  fail(peer: string, now: number): number {
    this.#forget(now)
    const key = this.#keyOf(peer)
    const count = this.#ofPeer(peer, now).count + 1
    this.#failures.delete(key)
    this.#failures.set(key, { count, at: now })
    return count
  }

  /** How many peers it remembers. */
  get size(): number {
    return this.#failures.size
  }

  #ofPeer(peer: string, now: number): Failures {
    const known = this.#failures.get(this.#keyOf(peer))
    return known === undefined || isOver(known, now) ? { count: 0, at: now } : known
  }

  #keyOf(peer: string): string {
    const hasPlace = this.#failures.has(peer) || this.#failures.size < mostPeers
    return hasPlace || peer === loopback ? peer : others
  }

  /** The oldest come first. */
  #forget(now: number): void {
    for (const [peer, failures] of this.#failures) {
      if (!isOver(failures, now)) return
      this.#failures.delete(peer)
    }
  }
}

const isOver = ({ at }: Failures, now: number): boolean => apart(now, at) > forgottenAfterMs

/** A clock that was set back must not make anyone wait until it has caught up. */
const apart = (now: number, at: number): number => Math.abs(now - at)
