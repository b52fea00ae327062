import { resumeBackups } from './entities/backup.ts'
import { applyBackupEvent } from './events/backup-events.ts'
import { clampToNow } from './entities/clock-skew.ts'
import { adoptCredentials, endCooldowns } from './entities/credential-leases.ts'
import { applyCredentialEvent } from './events/credential-events.ts'
import { failSync, finishSync, markOutOfSync, resumeSyncs, startDueSyncs } from './entities/sync.ts'
import type { Command } from './model/command.ts'
import { expirePhases } from './rules/deadlines.ts'
import { Draft } from './model/draft.ts'
import type { Event } from './model/event.ts'
import type { CredentialId, InstanceId } from './model/ids.ts'
import { adoptTeam, sendPrompt, resumeInstances, start } from './rules/lifecycle.ts'
import { applyInstanceEvent, recordHeartbeat } from './events/instance-events.ts'
import { addUsage } from './model/ledger.ts'
import { isRunOver } from './model/run.ts'
import type { Transition } from './model/phase-change.ts'
import { applyCommandFailure } from './events/command-failures.ts'
import { lendAgain, lendToAbsent, lendToManager, wakeParked } from './rules/credential-rotation.ts'
import {
  closeRun,
  finishEnding,
  promptManager,
  resumeEnding,
  watchProgress,
} from './rules/manager.ts'
import {
  applyMergeEvent,
  resumeMerges,
  staleMergeEvent,
  startNextMerge,
} from './rules/merge-queue.ts'
import { applyPlanEvent } from './events/plan-events.ts'
import { handOutTasks, openTasks } from './rules/schedule.ts'
import type { State } from './model/state.ts'
import { remindManager, assign } from './entities/task.ts'
import { applyTaskEvent } from './events/task-events.ts'

export interface Decision {
  readonly state: State
  readonly commands: readonly Command[]
  /** Changes of phase, in order; the state shows only the last one of each. */
  readonly transitions: readonly Transition[]
  /** Why the event changed nothing; null when it did. */
  readonly ignored: string | null
}

/**
 * Every rule of the product in one calculation: first the fact is taken in, then whatever it made possible is set off.
 * The same event twice does nothing the second time.
 */
export function decide(known: State, event: Event): Decision {
  const before = clampToNow(known, event.at)
  if (before.instances.size === 0 && event.type !== 'server-started') {
    return nothingChanged(before, 'the server has not begun yet')
  }
  const stale = staleLaunch(before, event)
  if (stale !== null) return nothingChanged(before, stale)
  const sequenced = hearSequence(before, event)
  const draft = new Draft(sequenced, event.at)
  const ignored = apply(draft, event)
  if (ignored !== null) return nothingChanged(sequenced, ignored)
  settle(draft, event.type === 'turn-ended' && event.isAnswerable ? event.instance : null)
  const { state, commands, transitions } = draft
  return { state, commands, transitions, ignored: null }
}

const nothingChanged = (state: State, ignored: string): Decision => ({
  state,
  commands: [],
  transitions: [],
  ignored,
})

function staleLaunch(state: State, event: Event): string | null {
  if (!('launch' in event)) return null
  const instance = state.instances.get(event.instance)
  if (!instance) return `there is no instance ${event.instance}`
  if (instance.launch !== event.launch)
    return `${event.instance} is at launch ${instance.launch}, not ${event.launch}`
  const isRepeated = event.sequence !== undefined && event.sequence <= instance.sequence
  return isRepeated ? `hook ${event.sequence} of ${event.instance} was heard before` : null
}

/** A hook counts as heard even when it changes nothing: replayed later, in another phase, it must not begin to mean something. */
function hearSequence(state: State, event: Event): State {
  if (!('launch' in event) || event.sequence === undefined) return state
  const instance = state.instances.get(event.instance)
  if (!instance) return state
  return {
    ...state,
    instances: new Map(state.instances).set(instance.id, { ...instance, sequence: event.sequence }),
  }
}

/** Their files may have been mended while nobody looked: a start tries them once more. */
const refusedOnes = ({ credentials }: State): readonly CredentialId[] =>
  [...credentials.values()].flatMap(({ id, phase }) => (phase.name === 'rejected' ? [id] : []))

/** Takes the fact in; answers why it is ignored, or null. */
function apply(draft: Draft, event: Event): string | null {
  switch (event.type) {
    case 'server-started':
      draft.set({ rules: event.rules })
      draft.setRun({ head: event.head })
      adoptCredentials(draft, event.credentials, refusedOnes(draft.state))
      resumeEnding(draft)
      if (draft.state.run.phase.name === 'done') return null
      if (draft.state.run.phase.name === 'failed') draft.enterRun({ name: 'planning', asked: 0 })
      resumeBackups(draft)
      resumeInstances(draft)
      adoptTeam(draft)
      resumeMerges(draft)
      resumeSyncs(draft)
      markOutOfSync(draft, 'upstream')
      return null
    case 'clock-ticked':
      endCooldowns(draft)
      expirePhases(draft)
      for (const task of draft.state.tasks.values()) remindManager(draft, task)
      return null
    case 'instance-started':
    case 'instance-lost':
    case 'instance-stopped':
    case 'session-started':
    case 'tools-listed':
    case 'prompt-confirmed':
    case 'prompt-not-sent':
    case 'sign-of-life':
    case 'settings-read':
    case 'turn-ended':
    case 'turn-failed':
    case 'instance-idle':
    case 'instance-waiting':
      return applyInstanceEvent(draft, event)
    case 'credentials-changed':
    case 'credential-replaced':
    case 'credential-not-replaced':
    case 'window-seen':
    case 'gateway-refused':
    case 'credential-disabled':
    case 'credential-enabled':
    case 'cooldown-forgotten':
    case 'instance-moved':
      return applyCredentialEvent(draft, event)
    case 'usage-counted': {
      const { instance, credential, usage } = event
      draft.set({
        ledger: addUsage(draft.state.ledger, {
          task: draft.instance(instance).task,
          instance,
          credential,
          usage,
        }),
      })
      recordHeartbeat(draft, draft.instance(instance))
      return null
    }
    case 'work-saved':
    case 'work-unchanged':
    case 'work-not-saved':
    case 'backup-deleted':
    case 'backup-restored':
    case 'backup-forgotten':
      return applyBackupEvent(draft, event)
    case 'plan-submitted':
    case 'plan-approved':
    case 'run-finished':
    case 'lists-edited':
      return applyPlanEvent(draft, event)
    case 'brief-fetched':
    case 'task-reported':
    case 'task-blocked':
    case 'task-progressed':
    case 'task-answered':
    case 'task-cancelled':
      return applyTaskEvent(draft, event)
    case 'merge-checking':
    case 'merge-landed':
    case 'merge-conflicted':
    case 'merge-rejected':
    case 'merge-failed': {
      const stale = staleMergeEvent(draft, event)
      if (stale === null) applyMergeEvent(draft, event)
      return stale
    }
    case 'lists-committed':
      if (event.head !== draft.state.run.head) markOutOfSync(draft, 'publish')
      draft.setRun({ head: event.head })
      finishSync(draft, 'lists')
      return null
    case 'lists-failed':
      failSync(draft, 'lists', event.reason)
      return null
    case 'published':
      finishSync(draft, 'publish')
      return null
    case 'publish-refused':
      failSync(draft, 'publish', event.reason)
      if (event.isBehind) markOutOfSync(draft, 'upstream')
      return null
    case 'upstream-merged':
      if (event.head !== draft.state.run.head) markOutOfSync(draft, 'publish')
      draft.setRun({ head: event.head })
      finishSync(draft, 'upstream')
      return null
    case 'upstream-failed':
      failSync(draft, 'upstream', event.reason)
      return null
    case 'command-failed':
      return applyCommandFailure(draft, event)
    case 'report-written':
      if (draft.state.run.phase.name !== 'finishing') return 'the run is not finishing'
      draft.setRun({ phase: { ...draft.state.run.phase, isWritten: true } })
      return null
    case 'everything-stopped':
      finishEnding(draft)
      return null
  }
}

/** Sets off whatever is possible now; running it again at once would do nothing. */
function settle(draft: Draft, answerable: InstanceId | null): void {
  if (isRunOver(draft.state.run)) return
  lendToAbsent(draft)
  for (const { id, phase } of draft.state.instances.values())
    if (phase.name === 'absent') start(draft, id)
  wakeParked(draft)
  lendAgain(draft)
  resumeInterrupted(draft)
  if (draft.state.run.phase.name === 'executing') {
    openTasks(draft)
    startNextMerge(draft)
    handOutTasks(draft, answerable)
  }
  watchProgress(draft)
  lendToManager(draft)
  promptManager(draft)
  startDueSyncs(draft)
  closeRun(draft)
}

/** A worker that was started anew while it held a task goes on with it. */
function resumeInterrupted(draft: Draft): void {
  for (const { id, phase, task } of draft.state.instances.values()) {
    if (phase.name !== 'ready' || task === null) continue
    assign(draft, task, id)
    sendPrompt(draft, id, 'resume', 'typed')
  }
}
