import type { Decision } from '../../core/decide.ts'
import type { Event } from '../../core/model/event.ts'
import type { Credential } from '../../core/model/credential.ts'
import type { Instance } from '../../core/model/instance.ts'
import type { State } from '../../core/model/state.ts'

/**
 * True for an event that only repeats what is known: an instance still works, a usage window is as
 * full as before. It changes timestamps only and is not written: after a start the next one comes
 * by itself. There are as many as tool calls, so they would fill most of the journal.
 */
export function isHeartbeatOnly(
  event: Event,
  before: State,
  { state: after, commands, ignored }: Decision,
): boolean {
  if (commands.length > 0 || ignored !== null) return false
  switch (event.type) {
    case 'sign-of-life':
    case 'instance-busy':
    case 'workspace-progressed':
      return (
        isSameBut(before, after, 'instances') &&
        isSameMap(before.instances, after.instances, stillWorks)
      )
    case 'window-seen':
      return (
        isSameBut(before, after, 'credentials') &&
        isSameMap(before.credentials, after.credentials, isUsedAsBefore)
      )
    default:
      return false
  }
}

/** Unchanged parts of a state keep their identity. */
function isSameBut(before: State, after: State, part: keyof State): boolean {
  const keys = Object.keys(after) as (keyof State)[] // of a State, which has no others
  return keys.every((key) => key === part || before[key] === after[key])
}

function isSameMap<Id, Each>(
  before: ReadonlyMap<Id, Each>,
  after: ReadonlyMap<Id, Each>,
  isSame: (one: Each, other: Each) => boolean,
): boolean {
  const isSameEntry = ([id, now]: readonly [Id, Each]): boolean => {
    const known = before.get(id)
    return known === now || (known !== undefined && isSame(known, now))
  }
  return before.size === after.size && [...after].every(isSameEntry)
}

/**
 * Only the time of the last heartbeat, of the last look at a busy one or of the last progress of
 * its workspace, and the sequence number of the last hook changed.
 */
const stillWorks = (before: Instance, after: Instance): boolean =>
  isEqual(untimed(before), untimed(after))

function untimed(instance: Instance): object {
  const { phase } = instance
  if (phase.name === 'starting' && phase.lastProgress !== null)
    return { ...instance, phase: { ...phase, lastProgress: 0, isProbed: false } }
  if (phase.name !== 'working') return { ...instance, sequence: 0 }
  const busy = phase.busy && { ...phase.busy, seen: 0 }
  return { ...instance, sequence: 0, phase: { ...phase, lastHeartbeat: 0, probes: 0, busy } }
}

/** Only the time of the observation changed. */
function isUsedAsBefore(before: Credential, after: Credential): boolean {
  const untimed = ({ windows, ...rest }: Credential) => ({
    ...rest,
    windows: windows
      .map((window) => ({ ...window, seenAt: 0 }))
      .toSorted((one, other) => one.window.localeCompare(other.window)),
  })
  return isEqual(untimed(before), untimed(after))
}

/** States are JSON, and a copy keeps the order of the keys. */
const isEqual = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
