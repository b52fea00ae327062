import { backupDue } from '../entities/backup.ts'
import { missedAlarmMs, restartDeadline } from '../entities/clock-skew.ts'
import type { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import { earliestReset } from '../entities/credential-leases.ts'
import { lose, retryPrompt, start } from './lifecycle.ts'
import { endRateLimit } from './credential-rotation.ts'
import type { Sync } from '../model/run.ts'
import type { Instance } from '../model/instance.ts'
import type { Merge } from '../model/merge.ts'
import type { State } from '../model/state.ts'

/** When something that we wait for is due, null when nothing is: the one timer of the server is set to it. */
export function nextAlarm(state: State): Instant | null {
  if (state.run.phase.name === 'done' || state.run.phase.name === 'failed') return null
  const dues = [
    ...[...state.instances.values()].map((instance) => instanceDue(instance, state)),
    syncDue(state.run.lists),
    syncDue(state.run.publish),
    upstreamDue(state),
    mergeDue(state.merges[0]),
    earliestReset(state),
    backupDue(state),
    ...[...state.tasks.values()].map(({ phase }) =>
      phase.name === 'blocked' ? phase.until : null,
    ),
  ].filter((due) => due !== null)
  return dues.length === 0 ? null : Math.min(...dues)
}

/** A silent instance is looked at twice, `silenceMs` apart, and given up at the third time: by default after half an hour. */
const looksBeforeGivingUp = 2

/** Deals with every instance whose deadline has passed; chores and merges are set off by `settle`, which looks at the time itself. */
export function expireInstances(draft: Draft): void {
  for (const { id } of draft.state.instances.values()) {
    const instance = draft.instance(id)
    const due = instanceDue(instance, draft.state)
    if (due === null || due > draft.at) continue
    if (draft.at - due > missedAlarmMs) restartDeadline(draft, instance)
    // Waiting anew may not have put it off.
    const waiting = draft.instance(id)
    const next = instanceDue(waiting, draft.state)
    if (next !== null && next <= draft.at) expire(draft, waiting)
  }
}

function instanceDue({ phase }: Instance, { rules }: State): Instant | null {
  switch (phase.name) {
    case 'starting':
      return phase.since + (phase.wasLookedAt ? rules.startTimeoutMs : rules.startLookMs)
    case 'working':
      return phase.heard + (phase.looks + 1) * rules.silenceMs
    case 'prompted':
    case 'limited':
    case 'resting':
    case 'quarantined':
      return phase.until
    case 'absent':
    case 'ready':
    case 'stopping':
    case 'stopped':
      return null
  }
}

function expire(draft: Draft, { id, phase, launch }: Instance): void {
  switch (phase.name) {
    case 'starting':
      // A question at a start has no hook and no status, only a screen.
      if (!phase.wasLookedAt) {
        draft.setInstance(id, { phase: { ...phase, wasLookedAt: true } })
        return draft.issue({ type: 'look-at-instance', instance: id, launch })
      }
      return lose(
        draft,
        id,
        phase.hasSession ? 'its tools did not connect in time' : 'no SessionStart hook in time',
      )
    case 'prompted':
      return retryPrompt(draft, id)
    case 'working':
      if (phase.looks >= looksBeforeGivingUp)
        return lose(draft, id, 'nothing was heard of it, and looking at it did not help')
      draft.setInstance(id, { phase: { ...phase, looks: phase.looks + 1 } })
      return draft.issue({ type: 'look-at-instance', instance: id, launch })
    case 'resting':
    case 'quarantined':
      return start(draft, id)
    case 'limited':
      return endRateLimit(draft, draft.instance(id))
    default:
      return
  }
}

const syncDue = (chore: Sync): Instant | null => (chore.name === 'failed' ? chore.until : null)

function upstreamDue({ run, rules }: State): Instant | null {
  return run.upstream.name === 'current'
    ? run.upstream.since + rules.upstreamEveryMs
    : syncDue(run.upstream)
}

function mergeDue(merge: Merge | undefined): Instant | null {
  return merge?.phase.name === 'failed' ? merge.phase.until : null
}
