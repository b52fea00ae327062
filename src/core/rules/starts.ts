import type { Draft } from '../model/draft.ts'
import type { InstanceId, Instant } from '../model/ids.ts'
import type { Instance, InstancePhase } from '../model/instance.ts'
import { type Policy, timeouts } from '../model/policy.ts'
import { lose, restartWithoutPenalty } from './lifecycle.ts'

type Starting = Extract<InstancePhase, { name: 'starting' }>

/** When a start is looked at or ends, unless the preparation of its workspace moves on before. */
export function startDue(phase: Starting, policy: Policy): Instant {
  const { since, lastProgress, isProbed } = phase
  const silentSince = Math.max(since, lastProgress ?? since)
  const due = silentSince + (isProbed ? policy.startTimeoutMs : policy.startLookMs)
  return lastProgress === null ? due : Math.min(due, preparationEnd(phase))
}

/** The end of a preparation that still moves on; a server that starts gives it its full time. */
const preparationEnd = ({ since, hasSession }: Starting): Instant =>
  hasSession ? Infinity : since + timeouts.preparationMs

/** The start gets its full time again. False when no workspace is being prepared. */
export function noteProgress(draft: Draft, { id, phase }: Instance): boolean {
  if (phase.name !== 'starting' || phase.hasSession) return false
  draft.setInstance(id, { phase: { ...phase, lastProgress: draft.at, isProbed: false } })
  return true
}

export function expireStart(draft: Draft, id: InstanceId): void {
  const { phase, launch } = draft.instance(id)
  if (phase.name !== 'starting') return
  if (phase.lastProgress !== null && preparationEnd(phase) <= draft.at)
    return restartWithoutPenalty(draft, id, unfinished)
  // A question at the start sends no hook and no status; only the screen shows it.
  if (!phase.isProbed) {
    draft.setInstance(id, { phase: { ...phase, isProbed: true } })
    return draft.issue({ type: 'probe-instance', instance: id, launch })
  }
  lose(draft, id, causeOf(phase))
}

const unfinished =
  `its workspace was not complete after ${timeouts.preparationMs / 3_600_000} hours; ` +
  'the next start continues the preparation'

function causeOf({ hasSession, lastProgress }: Starting): string {
  if (hasSession) return 'its tools did not connect in time'
  return lastProgress === null
    ? 'no SessionStart hook in time'
    : 'the preparation of its workspace stopped: no progress and no SessionStart hook in time'
}
