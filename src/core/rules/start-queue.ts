import type { Instance } from '../model/instance.ts'
import { traitsOf } from '../model/roles.ts'
import type { State } from '../model/state.ts'

/**
 * A start of Claude Code uses a processor for one to two seconds, so more starts at once only make
 * each other slower. In a team larger than `startsAtOnce`, the Manager starts alone and the workers
 * while it plans. A start that has been looked at, or whose workspace is being checked out, waits
 * for something else than a processor.
 */
export function mayStart({ instances, policy }: State, { role }: Instance): boolean {
  if (traitsOf(role).isStartedFirst || instances.size <= policy.startsAtOnce) return true
  const busy = [...instances.values()].filter(usesProcessor)
  return (
    busy.length < policy.startsAtOnce && !busy.some((other) => traitsOf(other.role).isStartedFirst)
  )
}

function usesProcessor({ phase }: Instance): boolean {
  return phase.name === 'starting' && !phase.isProbed && phase.lastProgress === null
}

/** The Manager first, then the workers that hold a task. */
export const inStartOrder = (instances: readonly Instance[]): readonly Instance[] =>
  instances.toSorted((one, other) => placeOf(one) - placeOf(other))

const placeOf = ({ role, task }: Instance): number => {
  if (traitsOf(role).isStartedFirst) return 0
  return task === null ? 2 : 1
}
