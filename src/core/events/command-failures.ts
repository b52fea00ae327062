import type { Draft } from '../model/draft.ts'
import type { Event } from '../model/event.ts'
import { failedTry } from '../model/retry.ts'
import { failStop } from '../rules/stopping.ts'

type Failure = Extract<Event, { type: 'command-failed' }>

/** Sets when the phase that waits for the command issues it again; answers why that changes nothing, or null. */
export function applyCommandFailure(draft: Draft, failure: Failure): string | null {
  const { command, reason } = failure
  const notAwaited = `${command} failed: ${reason}`
  if ('launch' in failure) {
    const isAwaited =
      command === 'stop-instance' && failStop(draft, draft.instance(failure.instance), reason)
    return isAwaited ? null : notAwaited
  }
  if (failure.backup !== undefined) {
    const backup = draft.state.backups.get(failure.backup)
    if (backup?.phase.name !== 'forgetting') return notAwaited
    const retry = failedTry(backup.phase, draft.at, reason)
    draft.setBackup(backup.id, { phase: { ...backup.phase, ...retry } })
    return null
  }
  const { phase } = draft.state.run
  const isAwaited =
    (command === 'write-report' && phase.name === 'finishing' && !phase.isWritten) ||
    (command === 'stop-everything' && phase.name === 'done' && !phase.isStopped)
  if (!isAwaited) return notAwaited
  draft.setRun({ phase: { ...phase, ...failedTry(phase, draft.at, reason) } })
  return null
}
