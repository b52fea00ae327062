import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { Draft } from '../model/draft.ts'
import type { Event } from '../model/event.ts'
import { failedTry } from '../model/retry.ts'
import { failInterruption } from '../rules/hung-turns.ts'
import { failStop } from '../rules/stopping.ts'

type Failure = Extract<Event, { type: 'command-failed' }>

/** Sets when the phase that waits for the failed command issues it again. */
export function applyCommandFailure(draft: Draft, failure: Failure): Outcome {
  const { command, reason } = failure
  const notAwaited = ignored(`${command} failed: ${reason}`)
  if ('launch' in failure) {
    const instance = draft.instance(failure.instance)
    const isAwaited =
      (command === 'stop-instance' && failStop(draft, instance, reason)) ||
      (command === 'interrupt-turn' && failInterruption(draft, instance, reason))
    return isAwaited ? applied : notAwaited
  }
  if (failure.backup !== undefined) {
    const backup = draft.state.backups.get(failure.backup)
    if (backup?.phase.name !== 'forgetting') return notAwaited
    const retry = failedTry(backup.phase, draft.at, reason)
    draft.setBackup(backup.id, { phase: { ...backup.phase, ...retry } })
    return applied
  }
  const { phase } = draft.state.run
  const isAwaited =
    (command === 'write-report' && 'isWritten' in phase && !phase.isWritten) ||
    (command === 'stop-everything' && phase.name === 'done' && !phase.isStopped)
  if (!isAwaited) return notAwaited
  draft.setRun({ phase: { ...phase, ...failedTry(phase, draft.at, reason) } })
  return applied
}
