import type { Instant } from '../../src/core/model/ids.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { type FaultKind, type FaultProfile, streamOf } from './fault-profile.ts'
import { Random } from './random.ts'

/**
 * One fault that struck. Its name says which occasion of its place it was, so that the same run
 * without it can be made.
 */
export interface Strike {
  readonly name: string
  readonly at: Instant
}

interface Place {
  readonly random: Random
  occasions: number
}

/**
 * Decides of every occasion whether a fault strikes there, and writes down those that did. Every
 * place has random numbers of its own:
 * without one fault, what did not depend on it stays as it was.
 */
export class Faults {
  readonly struck: Strike[] = []
  readonly #seed: number
  readonly #profile: FaultProfile
  readonly #clock: Clock
  readonly #only: ReadonlySet<string> | null
  readonly #places = new Map<string, Place>()
  #areOver = false

  /** `only`: nothing but the faults of these names may strike. */
  constructor(seed: number, profile: FaultProfile, clock: Clock, only: ReadonlySet<string> | null) {
    this.#seed = seed
    this.#profile = profile
    this.#clock = clock
    this.#only = only
  }

  /** Random numbers for the fault's details if it strikes now, null if it does not. */
  strike(kind: FaultKind, where: string, share = 1): Random | null {
    const percent = this.#profile[kind]
    if (percent === undefined || this.#areOver) return null
    const key = `${kind} ${where}`
    const stream = `${streamOf(kind)} ${where}`
    let place = this.#places.get(key)
    if (place === undefined) {
      place = { random: Random.named(this.#seed, stream), occasions: 0 }
      this.#places.set(key, place)
    }
    place.occasions += 1
    if (!place.random.chance(percent * share)) return null
    const name = `${key} #${place.occasions}`
    if (this.#only !== null && !this.#only.has(name)) return null
    this.struck.push({ name, at: this.#clock.now() })
    return Random.named(this.#seed, `${stream} #${place.occasions}`)
  }

  /** From now on the world behaves. */
  end(): void {
    this.#areOver = true
  }

  get areOver(): boolean {
    return this.#areOver
  }
}
