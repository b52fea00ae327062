import { type Noun, transitions } from './transitions.ts'

/** One change of phase of one instance, task … */
export interface Transition {
  readonly noun: Noun
  readonly id: string
  readonly from: string
  readonly to: string
}

interface Named {
  readonly name: string
}

/** A phase without `since`, which the draft adds. */
export type Timeless<Phase> = Phase extends unknown ? Omit<Phase, 'since'> : never

/**
 * A change of phase; null means that the thing does not exist yet, or no longer. Throws when the
 * table does not allow the change, which is a bug.
 */
export function transition(
  noun: Noun,
  id: string,
  before: Named | null,
  after: Named | null,
): Transition {
  const [from, to] = [before?.name ?? 'none', after?.name ?? 'none']
  const arrows: Readonly<Record<string, readonly string[]>> = transitions[noun]
  if (arrows[from]?.includes(to) !== true)
    throw new Error(`${noun} ${id} must not go from ${from} to ${to}`)
  return { noun, id, from, to }
}

/** Throws when a `set…` would replace a phase by one of another name. */
export function checkSameName(noun: Noun, id: string, from: Named, to: Named | undefined): void {
  if (to !== undefined && to.name !== from.name)
    throw new Error(`${noun} ${id} must enter ${to.name} from ${from.name}, not be set to it`)
}
