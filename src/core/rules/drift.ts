import type { Event } from '../model/event.ts'
import type { InstanceId, Instant, Launch } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import type { State } from '../model/state.ts'

/** What somebody who looked at the world saw. */
export interface Observation {
  readonly running: ReadonlyMap<InstanceId, Launch>
  /** Nobody could look for a while: whoever is gone may have gone with what they run on. */
  readonly wasUnreachable?: boolean
  /** What Claude Code says of itself, and since when; `waiting` is a dialog that wants a human. */
  readonly statuses: ReadonlyMap<
    InstanceId,
    { readonly status: 'idle' | 'waiting' | 'other'; readonly since: Instant }
  >
}

/** A turn that ended without a word is seen within so long; long enough for a Stop hook on its way. */
const missedStopMs = 6_000

/** The events that we missed: recovery is looking, not remembering. The same observation twice says the same. */
export function drift(
  state: State,
  { running, wasUnreachable: wasBlind, statuses: said }: Observation,
  at: Instant,
): readonly Event[] {
  const believed = [...state.instances.values()].filter(({ phase }) => isRunning(phase))
  // A worker dies by itself; all of them at once do so when the engine or the machine was restarted.
  const areAllGone = believed.length > 1 && running.size === 0
  const blame = areAllGone || wasBlind ? ({ blame: 'engine' } as const) : {}
  return believed.flatMap((instance): Event[] => {
    const { id, launch, phase } = instance
    if (running.get(id) !== launch)
      return [
        {
          at,
          type: 'instance-lost',
          instance: id,
          launch,
          cause: 'it does not run any more',
          ...blame,
        },
      ]
    const seen = said.get(id)
    if (phase.name !== 'working' || seen === undefined || seen.status === 'other') return []
    if (seen.status === 'waiting') return [{ at, type: 'instance-waiting', instance: id, launch }]
    const isUnheard =
      seen.since > phase.since && at - Math.max(seen.since, phase.heard) >= missedStopMs
    return isUnheard ? [{ at, type: 'instance-idle', instance: id, launch }] : []
  })
}
