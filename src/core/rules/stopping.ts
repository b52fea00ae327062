import { saveWork } from '../entities/backup.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance } from '../model/instance.ts'
import { timeouts } from '../model/policy.ts'
import { failedTry, firstTry, nextTry } from '../model/retry.ts'

/** Issues the stop of the instance, the first time or again. */
export function stopInstance(draft: Draft, id: InstanceId): void {
  const { launch, phase } = draft.instance(id)
  if (phase.name === 'stopping') {
    const retry = nextTry(phase, draft.at, timeouts.instanceMs)
    draft.setInstance(id, { phase: { ...phase, ...retry } })
  } else draft.enterInstance(id, { name: 'stopping', ...firstTry(draft.at, timeouts.instanceMs) })
  draft.issue({ type: 'stop-instance', instance: id, launch })
}

/** After so many stops that failed, the work is saved although its worker may still change it. */
const maxTriesBeforeSave = 5

const dismissal = 'the worker is dismissed'

/**
 * Issues the stop of a quarantined instance's last launch, the first time or again. Its work is
 * saved once it is stopped.
 */
export function stopQuarantined(draft: Draft, id: InstanceId): void {
  const { launch, phase, task } = draft.instance(id)
  if (phase.name !== 'quarantined') return
  const { at } = draft
  const stop =
    phase.stop === null
      ? firstTry(at, timeouts.instanceMs)
      : nextTry(phase.stop, at, timeouts.instanceMs)
  draft.setInstance(id, { phase: { ...phase, stop } })
  if (task !== null && stop.tries === maxTriesBeforeSave + 1)
    saveWork(draft, id, task, phase.reason)
  draft.issue({ type: 'stop-instance', instance: id, launch })
}

/** The stop failed: it is issued again after a pause. False when no phase waits for it. */
export function failStop(draft: Draft, { id, phase }: Instance, reason: string): boolean {
  if (phase.name === 'stopping')
    draft.setInstance(id, { phase: { ...phase, ...failedTry(phase, draft.at, reason) } })
  else if (phase.name === 'quarantined' && phase.stop !== null)
    draft.setInstance(id, {
      phase: { ...phase, stop: failedTry(phase.stop, draft.at, reason) },
    })
  else return false
  return true
}

/**
 * The last launch is stopped. Its work is saved now, when nothing can change it any more. False
 * when no phase waits for that.
 */
export function finishStop(draft: Draft, { id, phase, task }: Instance): boolean {
  if (phase.name === 'stopping') {
    draft.enterInstance(id, { name: 'stopped' })
    if (task !== null) saveWork(draft, id, task, dismissal)
  } else if (phase.name === 'quarantined' && phase.stop !== null) {
    draft.setInstance(id, { phase: { ...phase, stop: null } })
    if (task !== null) saveWork(draft, id, task, phase.reason)
  } else return false
  return true
}

/**
 * An instance out of service starts again, and whether its last launch has ended is not known. What
 * is in its workspace is saved before the next launch has it.
 */
export function saveBeforeReturn(draft: Draft, { id, phase, task }: Instance): void {
  if (task === null) return
  if (phase.name === 'quarantined' && phase.stop !== null) saveWork(draft, id, task, phase.reason)
  if (phase.name === 'stopping') saveWork(draft, id, task, dismissal)
}
