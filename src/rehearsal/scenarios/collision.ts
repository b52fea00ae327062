import type { Conversion } from '../sample/conversion.ts'
import type { Scenario } from './scenario.ts'

export interface Collision {
  readonly others: readonly string[]
  /** The heading of the index that both tasks write below. */
  readonly section: string
  readonly worker: number
}

/**
 * The tasks that will touch the same lines, in pairs. Each of a pair is given to a worker of its
 * own, in the order of the plan, so that both can be under way at once and no two pairs wait for
 * each other; a single worker never collides.
 */
export function collisionsIn(
  scenario: Scenario,
  conversions: readonly Conversion[],
  workerCount: number,
): ReadonlyMap<string, Collision> {
  const collisions = new Map<string, Collision>()
  if (workerCount < 2) return collisions
  for (const [index, first] of conversions.entries()) {
    const second = conversions[index + 1]
    if (scenario.quirks[(index % 9) + 1] !== 'collides' || !second || second.inverseOf) continue
    const workerOf = (place: number) => ((collisions.size + place) % workerCount) + 1
    const [one, two] = [workerOf(0), workerOf(1)]
    collisions.set(first.id, { others: [second.id], section: first.id, worker: one })
    collisions.set(second.id, { others: [first.id], section: first.id, worker: two })
  }
  return collisions
}
