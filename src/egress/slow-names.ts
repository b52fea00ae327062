/** Names that are not asked for again for a while. */
const rememberMs = 60_000
const mostRemembered = 1_000

interface SlowName {
  /** What the last lookup that answered late said; none while there is no answer. */
  readonly addresses: readonly string[]
  /** How it was asked for: an entry that is new is asked for in another way. */
  readonly isListed: boolean
  readonly againAt: number
}

/**
 * Where a proxy resolves names, this machine may have no name server: then every name has no
 * address here. So a name counts as one without an address when no answer comes in time, or none
 * can be had. Its lookup goes on, and what it says later is remembered.
 */
export class SlowNames {
  readonly #names = new Map<string, SlowName>()
  readonly #onFound: () => void

  /** `onFound`: addresses came for a name that the proxy may have been asked for. */
  constructor(onFound: () => void) {
    this.#onFound = onFound
  }

  /** What counts for a name that is not asked for now; null when it is to be asked for. */
  recall(name: string, isListed: boolean): readonly string[] | null {
    const known = this.#names.get(name)
    if (known === undefined || known.isListed !== isListed) return null
    return known.againAt > performance.now() ? known.addresses : null
  }

  /** Addresses that came late; they count until a lookup says something else. */
  lateAddresses(name: string): readonly string[] {
    return this.#names.get(name)?.addresses ?? []
  }

  /** The answer of a lookup; when it does not come in time, what is known. */
  async answerOf(
    lookup: Promise<readonly string[]>,
    { name, isListed, withinMs }: { name: string; isListed: boolean; withinMs: number },
  ): Promise<readonly string[]> {
    const answer = lookup.catch(() => null)
    const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<null>()
    const timer = setTimeout(giveUp, withinMs, null)
    const inTime = await Promise.race([answer, tooLate])
    clearTimeout(timer)
    if (inTime !== null) {
      if (this.#names.has(name)) {
        this.#remember(name, isListed, inTime, 0)
        if (inTime.length > 0) this.#onFound()
      }
      return inTime
    }
    const known = this.lateAddresses(name)
    this.#remember(name, isListed, known, rememberMs)
    void answer.then((late) => {
      if (late === null) return
      this.#remember(name, isListed, late, rememberMs)
      if (late.length > 0) this.#onFound()
    })
    return known
  }

  #remember(name: string, isListed: boolean, addresses: readonly string[], forMs: number): void {
    this.#names.delete(name)
    const [oldest] = this.#names.keys()
    if (oldest !== undefined && this.#names.size >= mostRemembered) this.#names.delete(oldest)
    this.#names.set(name, { addresses, isListed, againAt: performance.now() + forMs })
  }
}
