import type { Event } from './event.ts'
import type { InstanceId, Instant, Launch } from './ids.ts'
import type { Instance, State } from './state.ts'

/** What somebody who looked at the world saw. */
export interface Observation {
  readonly running: ReadonlyMap<InstanceId, Launch>
  /** Since when Claude Code has said of itself that it is idle; absent while it does not. */
  readonly idleSince: ReadonlyMap<InstanceId, Instant>
}

/** A turn that ended without a word is seen within so long; long enough for a Stop hook on its way. */
const unheardIdleMs = 8_000

/** The events that we missed: recovery is looking, not remembering. The same observation twice says the same. */
export function drift(state: State, { running, idleSince }: Observation, at: Instant): readonly Event[] {
  return [...state.instances.values()].flatMap((instance): Event[] => {
    const { id, launch, phase } = instance
    if (!shouldRun(instance)) return []
    if (running.get(id) !== launch) return [{ at, type: 'instance-lost', instance: id, launch, cause: 'it does not run any more' }]
    const idle = idleSince.get(id)
    const isUnheard =
      phase.name === 'working' && idle !== undefined && idle > phase.since && at - Math.max(idle, phase.heard) >= unheardIdleMs
    return isUnheard ? [{ at, type: 'instance-idle', instance: id, launch }] : []
  })
}

/** A starting instance is the executor's business until it has started. */
function shouldRun({ phase }: Instance): boolean {
  return phase.name === 'ready' || phase.name === 'prompted' || phase.name === 'working' || phase.name === 'limited'
}
