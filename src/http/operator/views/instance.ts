import type { Instant } from '../../../core/model/ids.ts'
import type { Instance, InstancePhase } from '../../../core/model/instance.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { InstanceView } from '../../contract/instance.ts'

/**
 * `container`: the name of its container; null where instances run without one. `withheld`: what a
 * person must do so that it is given a credential.
 */
export function viewInstance(
  instance: Instance,
  container: string | null,
  withheld: string | null = null,
): InstanceView {
  const { id, role, phase, launch, task, credential, outdated } = instance
  const until = untilOf(instance)
  return {
    id,
    role,
    phase: publicInstancePhase[phase.name],
    since: isoTime(phase.since),
    until: until === null ? null : isoTime(until),
    reason: reasonOf(phase),
    launch,
    task,
    credential,
    container,
    busy: busyOf(phase),
    outdated,
    needs: withheld ?? needsOf(phase),
  }
}

function reasonOf(phase: InstancePhase): string | null {
  if (phase.name === 'starting')
    return phase.lastProgress === null || phase.hasSession
      ? null
      : `its workspace is being prepared; it last moved on at ${isoTime(phase.lastProgress)}`
  if (phase.name === 'queued') return 'its start waits for that of others (limits.startsAtOnce)'
  return 'reason' in phase ? phase.reason : null
}

/** What a turn does that has been silent for long, and since when. */
function busyOf(phase: InstancePhase): InstanceView['busy'] {
  if (phase.name === 'interrupting')
    return { since: isoTime(phase.hang.silentSince), tool: phase.hang.tool, isInterrupted: true }
  if (phase.name !== 'working' || phase.busy === null) return null
  return { since: isoTime(phase.lastHeartbeat), tool: phase.busy.tool, isInterrupted: false }
}

/** When the phase ends at the latest; the retry of a stop is no end of the phase. */
function untilOf({ phase, rotation }: Instance): Instant | null {
  if (phase.name === 'rate-limited' && phase.wait === 'rotating') return rotation?.until ?? null
  if (phase.name === 'prompted' && phase.awaits === 'rotation') return rotation?.until ?? null
  return 'until' in phase && phase.name !== 'stopping' ? phase.until : null
}

export const publicInstancePhase: Record<InstancePhase['name'], InstanceView['phase']> = {
  absent: 'absent',
  queued: 'resting',
  starting: 'starting',
  ready: 'ready',
  prompted: 'prompted',
  working: 'working',
  interrupting: 'working',
  'rate-limited': 'limited',
  'backing-off': 'resting',
  quarantined: 'quarantined',
  stopping: 'stopping',
  stopped: 'stopped',
}

function needsOf(phase: InstancePhase): string | null {
  switch (phase.name) {
    case 'absent':
      return (
        'a free credential: add a file to claudeConfigs, which takes effect at once, ' +
        'or raise limits.instancesPerCredential'
      )
    case 'quarantined':
      return (
        `it failed too often (${phase.reason}): the server starts it again at the time in until, ` +
        'or at once after a restart of the server'
      )
    default:
      return null
  }
}
