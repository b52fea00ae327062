import { type Outcome, World, type WorldOptions } from './world.ts'

export interface Shrunk {
  readonly outcome: Outcome
  /**
   * The names of the faults without any of which this promise would have been kept, or the best
   * that was found in time.
   */
  readonly needed: readonly string[]
  readonly runs: number
}

/** A test that fails has to report why before its own time is up, on a busy machine as well. */
const mostMs = 60_000

/**
 * Looks for the fewest faults that break the same promise: half of them is left out, then a
 * quarter, then one by one (delta debugging). What strikes follows from the seed and from what is
 * left, so every try is an honest run.
 */
export async function shrink(
  options: WorldOptions,
  found: Outcome,
  mostRuns = 400,
): Promise<Shrunk> {
  const end = performance.now() + mostMs
  let best: Shrunk = { outcome: found, needed: namesOf(found), runs: 0 }
  const isLate = (): boolean => best.runs >= mostRuns || performance.now() >= end
  const leaveOut = async (begin: number, size: number): Promise<boolean> => {
    const rest = best.needed.filter((_, index) => index < begin || index >= begin + size)
    const outcome = await new World({ ...options, only: new Set(rest) }).run()
    const isSame = outcome.violations[0]?.rule === found.violations[0]?.rule
    // Of what may strike, what did strike is enough: the rest belonged to a run that went another
    // way.
    best = isSame
      ? { outcome, needed: namesOf(outcome), runs: best.runs + 1 }
      : { ...best, runs: best.runs + 1 }
    return isSame
  }
  for (let size = best.needed.length; size > 0; ) {
    const before = best.needed.length
    for (let begin = 0; begin < best.needed.length && !isLate(); )
      if (!(await leaveOut(begin, size))) begin += size
    // What one of them was good for may have gone with another.
    const isMinimal = size === 1 && best.needed.length === before
    size = isMinimal || isLate() ? 0 : Math.max(1, Math.floor(size / 2))
  }
  return best
}

const namesOf = ({ struck }: Outcome): readonly string[] => struck.map(({ name }) => name)
