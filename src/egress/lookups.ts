import { Turns } from '../lib/turns.ts'
import type { EgressLimits } from './limits.ts'
import type { Lookup, Resolve } from './resolved.ts'
import type { Upstream } from './upstream.ts'

export interface LookupsDeps {
  readonly resolve: Resolve
  /** Null without one. */
  readonly upstream: Upstream | null
  readonly limits: EgressLimits
  /** Of all instances together. */
  readonly sharedLookups: Turns
}

/**
 * In the order in which they come. An instance has no more in here, waiting ones included, than its
 * own turns allow: none can take them all, nor keep others waiting behind a long queue of its own.
 */
export const sharedLookups = ({ allLookups, turnMs }: EgressLimits): Turns =>
  new Turns({
    open: allLookups,
    waiting: Number.POSITIVE_INFINITY,
    pace: { burst: Number.POSITIVE_INFINITY, perSecond: 0 },
    turnMs,
  })

/** Looks names up for one instance. */
export class Lookups {
  readonly #own: Turns
  readonly #deps: LookupsDeps

  constructor(deps: LookupsDeps) {
    this.#own = new Turns({ ...deps.limits, open: deps.limits.lookups })
    this.#deps = deps
  }

  /** All addresses of a name; null when no turn came. The signal ends what waits for a turn. */
  async find(name: string, { isListed, signal }: Lookup): Promise<readonly string[] | null> {
    const { upstream, limits } = this.#deps
    const known = upstream?.names.recall(name, isListed) ?? null
    if (known !== null) return known
    const turn = await this.#enter()
    if (turn === null) return null
    if (signal.aborted) turn[Symbol.dispose]()
    // Not as a failed lookup, which would say something of the name.
    signal.throwIfAborted()
    const lookup = this.#begin(turn, name, isListed)
    const withinMs = limits.answerMs
    return await (upstream?.names.answerOf(lookup, { name, isListed, withinMs }) ?? lookup)
  }

  /** Keeps the turn until the lookup has ended, which may be long after its request. */
  async #begin(turn: Disposable, name: string, isListed: boolean): Promise<readonly string[]> {
    using _turn = turn
    const { resolve, limits } = this.#deps
    return await resolve(name, { isListed, signal: AbortSignal.timeout(limits.lookUpMs) })
  }

  async #enter(): Promise<Disposable | null> {
    const own = await this.#own.enter()
    const shared = own && (await this.#deps.sharedLookups.enter())
    if (shared === null) own?.[Symbol.dispose]()
    if (own === null || shared === null) return null
    const both = new DisposableStack()
    both.use(own)
    both.use(shared)
    return both
  }
}
