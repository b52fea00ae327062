import type { Outlet } from './outlet.ts'
import { Tally } from './records.ts'
import { authorityOf, type Target } from './target.ts'

interface Entry {
  readonly authority: string
  readonly tally: Tally
  uses: number
}

/** One record for the requests to one host that follow one another on a connection. */
export class PlainTallies {
  readonly #outlet: Outlet
  #current: Entry | null = null

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  begin(target: Target): Disposable & { readonly tally: Tally } {
    const authority = authorityOf(target)
    if (this.#current?.authority !== authority) this.close()
    const entry = this.#current ?? { authority, tally: new Tally(target, 'plain'), uses: 0 }
    this.#current = entry
    entry.uses += 1
    return {
      tally: entry.tally,
      [Symbol.dispose]: () => {
        entry.uses -= 1
        this.#reportUnused(entry)
      },
    }
  }

  /** No further request belongs to the current record; those that are open still count. */
  close(): void {
    const entry = this.#current
    this.#current = null
    if (entry !== null) this.#reportUnused(entry)
  }

  #reportUnused(entry: Entry): void {
    if (entry.uses === 0 && entry !== this.#current) this.#outlet.report(entry.tally)
  }
}
