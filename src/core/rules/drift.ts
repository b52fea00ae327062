import type { Event } from '../model/event.ts'
import type { InstanceId, Instant, Launch } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import type { State } from '../model/state.ts'

/** What the server observed of the world. */
export interface Observation {
  readonly running: ReadonlyMap<InstanceId, Launch>
  /** Those of them that a start would now give something else. */
  readonly outdated?: ReadonlyMap<
    InstanceId,
    { readonly reason: string; readonly isUsable: boolean }
  >
  /** The runtime was unreachable: missing instances may have died with it. */
  readonly wasUnreachable?: boolean
  /** Claude Code's own status, and since when; `waiting` means that a dialog needs a human. */
  readonly statuses: ReadonlyMap<
    InstanceId,
    { readonly status: 'idle' | 'waiting' | 'other'; readonly since: Instant }
  >
}

/**
 * A turn that has been idle for this long ended without its Stop hook; a late hook has time to
 * arrive.
 */
const missedStopMs = 6_000

/** The events that the server missed. Idempotent: the same observation gives the same events. */
export function drift(
  state: State,
  { running, outdated, wasUnreachable, statuses }: Observation,
  at: Instant,
): readonly Event[] {
  const recorded = [...state.instances.values()].filter(({ phase }) => isRunning(phase))
  // One instance dies on its own; all at once die when the runtime or the machine restarts.
  const areAllGone = recorded.length > 1 && running.size === 0
  const blame = areAllGone || wasUnreachable ? ({ blame: 'engine' } as const) : {}
  return recorded.flatMap((instance): Event[] => {
    const { id, launch, phase } = instance
    if (running.get(id) !== launch)
      return [
        {
          at,
          type: 'instance-lost',
          instance: id,
          launch,
          cause: 'it is no longer running',
          ...blame,
        },
      ]
    const old = outdated?.get(id)
    if (old !== undefined && instance.outdated !== old.reason)
      return [{ at, type: 'instance-outdated', instance: id, launch, ...old }]
    const seen = statuses.get(id)
    if (phase.name !== 'working' || seen === undefined || seen.status === 'other') return []
    if (seen.status === 'waiting') return [{ at, type: 'instance-waiting', instance: id, launch }]
    const isMissed =
      seen.since > phase.since && at - Math.max(seen.since, phase.lastHeartbeat) >= missedStopMs
    return isMissed ? [{ at, type: 'instance-idle', instance: id, launch }] : []
  })
}
