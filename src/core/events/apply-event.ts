import type { Draft } from '../model/draft.ts'
import type { Event } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import { applyCheckEvent } from '../rules/base-checks.ts'
import { applyBackupEvent } from './backup-events.ts'
import { applyCommandFailure } from './command-failures.ts'
import { applyCredentialEvent } from './credential-events.ts'
import { applyHostEvent } from './host-events.ts'
import { applyInstanceEvent } from './instance-events.ts'
import { applyMergeEvent } from './merge-events.ts'
import { applyPlanEvent } from './plan-events.ts'
import { applyRunEvent } from './run-events.ts'
import { applyServerEvent } from './server-events.ts'
import { applySyncEvent } from './sync-events.ts'
import { applyTaskEvent } from './task-events.ts'

/** Gives an event to the handler of its family. */
export function applyEvent(draft: Draft, event: Event): Outcome {
  switch (event.type) {
    case 'server-started':
    case 'clock-ticked':
      return applyServerEvent(draft, event)
    case 'instance-started':
    case 'instance-lost':
    case 'instance-stopped':
    case 'workspace-progressed':
    case 'session-started':
    case 'tools-listed':
    case 'clear-typed':
    case 'prompt-confirmed':
    case 'prompt-not-sent':
    case 'sign-of-life':
    case 'settings-read':
    case 'turn-ended':
    case 'turn-failed':
    case 'instance-idle':
    case 'instance-waiting':
    case 'instance-busy':
    case 'turn-interrupted':
    case 'instance-outdated':
      return applyInstanceEvent(draft, event)
    case 'credentials-changed':
    case 'credential-placed':
    case 'credential-replaced':
    case 'credential-not-replaced':
    case 'window-seen':
    case 'gateway-refused':
    case 'credential-disabled':
    case 'credential-enabled':
    case 'cooldown-forgotten':
    case 'instance-moved':
    case 'credentials-allowed':
      return applyCredentialEvent(draft, event)
    case 'work-saved':
    case 'work-unchanged':
    case 'work-not-saved':
    case 'backup-deleted':
    case 'backup-restored':
    case 'backup-forgotten':
      return applyBackupEvent(draft, event)
    case 'plan-submitted':
    case 'plan-approved':
    case 'plan-completed':
    case 'direction-changed':
    case 'run-finished':
    case 'lists-edited':
      return applyPlanEvent(draft, event)
    case 'brief-fetched':
    case 'task-reported':
    case 'task-needs-no-commit':
    case 'task-blocked':
    case 'task-progressed':
    case 'task-answered':
    case 'protected-answered':
    case 'task-cancelled':
      return applyTaskEvent(draft, event)
    case 'merge-checking':
    case 'merge-landed':
    case 'merge-conflicted':
    case 'merge-outdated':
    case 'merge-rejected':
    case 'merge-held':
    case 'merge-failed':
      return applyMergeEvent(draft, event)
    case 'lists-committed':
    case 'lists-failed':
    case 'published':
    case 'publish-refused':
    case 'upstream-merged':
    case 'upstream-conflicted':
    case 'upstream-rewritten':
    case 'rewrite-answered':
    case 'origin-followed':
    case 'upstream-failed':
      return applySyncEvent(draft, event)
    case 'base-passed':
    case 'base-failed':
    case 'base-not-checked':
    case 'checks-answered':
      return applyCheckEvent(draft, event)
    case 'host-refused':
    case 'host-allowed':
    case 'host-withdrawn':
    case 'upload-noticed':
    case 'upload-accepted':
    case 'host-reached':
      return applyHostEvent(draft, event)
    case 'usage-counted':
    case 'report-written':
    case 'run-accepted':
    case 'everything-stopped':
      return applyRunEvent(draft, event)
    case 'command-failed':
      return applyCommandFailure(draft, event)
  }
}
