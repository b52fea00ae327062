import { setTimeout as delay } from 'node:timers/promises'
import { faults } from './faults/every.ts'
import { kinds } from './world/fault-kinds.ts'
import type { View } from './world/observer.ts'
import type { Injection, FaultContext } from './world/fault-context.ts'
import type { PlannedFault } from './world/schedule.ts'

/** What became of a fault. */
export interface Struck {
  readonly fault: PlannedFault
  injectedAt: number
  healedAt: number | null
  wholeAt: number | null
}

interface Open {
  readonly struck: Struck
  readonly injection: Injection
  isAsked: boolean
}

/** Lets faults strike at their time and notes how long it takes until everything is as it was. */
export class Injector {
  readonly #all: Open[] = []
  readonly #scene: FaultContext
  readonly #print: (line: string) => void
  readonly #ending = new AbortController()
  readonly #open = new Set<Open>()
  /** One fault at a time for each thing: a server that is down cannot be killed. */
  readonly #queues = new Map<string, Promise<void>>()

  constructor(scene: FaultContext, print: (line: string) => void) {
    this.#scene = scene
    this.#print = print
  }

  /** Without the faults that waited for a request in vain. */
  get struck(): readonly Struck[] {
    return this.#all.flatMap(({ struck, injection }) =>
      injection.struckAt?.() === null ? [] : [struck],
    )
  }

  /** Settles when the last fault has healed. */
  async run(planned: readonly PlannedFault[], beganAt: number): Promise<void> {
    for (const fault of planned) {
      await this.#wait(beganAt + fault.atMs - Date.now())
      if (this.#ending.signal.aborted) break
      const key = `${kinds[fault.kind].target} ${fault.victim}`
      const before = this.#queues.get(key) ?? Promise.resolve()
      this.#queues.set(
        key,
        before.then(() => this.#strike(fault)),
      )
    }
    await Promise.all(this.#queues.values())
  }

  /** Whatever is still going on heals now. */
  end(): void {
    this.#ending.abort()
  }

  /** Closes those faults of which nothing is left. */
  async look(view: View): Promise<void> {
    await Promise.all(
      [...this.#open].map(async (open) => {
        if (open.isAsked || view.at < (open.struck.healedAt ?? Number.POSITIVE_INFINITY)) return
        open.isAsked = true
        const isWhole = await Promise.resolve(open.injection.isWhole(view)).catch(() => false)
        open.isAsked = false
        if (isWhole) this.#close(open, view.at)
      }),
    )
  }

  #close(open: Open, at: number): void {
    const { struck, injection } = open
    this.#open.delete(open)
    struck.wholeAt = at
    const since = injection.struckAt?.()
    if (typeof since !== 'number') return
    struck.injectedAt = since
    struck.healedAt = since
  }

  async #strike(fault: PlannedFault): Promise<void> {
    if (this.#ending.signal.aborted) return
    const { kind, victim, lastsMs } = fault
    const injectedAt = Date.now()
    const injection = await faults[kind](this.#scene, fault).catch((error: unknown) => {
      this.#print(`${kind} ${victim} could not strike: ${String(error)}`)
      return null
    })
    if (injection === null) return
    this.#print(
      `fault ${fault.number}: ${kind}${victim === '' ? '' : ` of ${victim}`}${lastsMs === 0 ? '' : `, ${lastsMs} ms`}`,
    )
    const struck: Struck = { fault, injectedAt, healedAt: null, wholeAt: null }
    const open: Open = { struck, injection, isAsked: false }
    this.#all.push(open)
    await this.#wait(injectedAt + lastsMs - Date.now())
    await Promise.resolve(injection.heal?.()).catch((error: unknown) =>
      this.#print(`${kind} ${victim} did not heal: ${String(error)}`),
    )
    struck.healedAt = Date.now()
    this.#open.add(open)
  }

  #wait(ms: number): Promise<unknown> {
    if (ms <= 0 || this.#ending.signal.aborted) return Promise.resolve()
    return delay(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined)
  }
}
