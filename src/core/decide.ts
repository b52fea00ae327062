import { expireBackups, recallBackups } from './entities/backup.ts'
import { applyBackupFact } from './events/backup-events.ts'
import { withoutFuture } from './entities/clock-skew.ts'
import { adoptCredentials, warmUp } from './entities/credential-leases.ts'
import { applyCredentialFact } from './events/credential-events.ts'
import { failChore, finishChore, owe, recallChores, runChores } from './entities/sync.ts'
import type { Command } from './model/command.ts'
import { expireInstances } from './rules/deadlines.ts'
import { Draft } from './model/draft.ts'
import type { Event } from './model/event.ts'
import type { CredentialId, InstanceId } from './model/ids.ts'
import { adoptTeam, prompt, recallInstances, start } from './rules/lifecycle.ts'
import { applyInstanceFact, hear } from './events/instance-events.ts'
import { addUsage } from './model/ledger.ts'
import { lendAgain, lendToAbsent, lendToManager, wakeParked } from './rules/credential-rotation.ts'
import { closeRun, promptManager, recallEnding, watchProgress } from './rules/manager.ts'
import { enterVerdict, recallMerges, staleVerdict, startNextMerge } from './rules/merge-queue.ts'
import { applyPlanFact } from './events/plan-events.ts'
import { handOutTasks, openTasks } from './rules/schedule.ts'
import type { State } from './model/state.ts'
import { askAgain, assign } from './entities/task.ts'
import { applyTaskFact } from './events/task-events.ts'

export interface Decision {
  readonly state: State
  readonly commands: readonly Command[]
  /** Why the event changed nothing; null when it did. */
  readonly ignored: string | null
}

/**
 * Every rule of the product in one calculation: first the fact is taken in, then whatever it made possible is set off.
 * The same event twice does nothing the second time.
 */
export function decide(known: State, event: Event): Decision {
  const before = withoutFuture(known, event.at)
  if (before.instances.size === 0 && event.type !== 'server-started') {
    return { state: before, commands: [], ignored: 'the server has not begun yet' }
  }
  const stale = staleLaunch(before, event)
  if (stale !== null) return { state: before, commands: [], ignored: stale }
  const heard = hearSequence(before, event)
  const draft = new Draft(heard, event.at)
  const ignored = apply(draft, event)
  if (ignored !== null) return { state: heard, commands: [], ignored }
  settle(draft, event.type === 'turn-ended' && event.isAnswerable ? event.instance : null)
  return { state: draft.state, commands: draft.commands, ignored: null }
}

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
      recallEnding(draft)
      if (draft.state.run.phase.name === 'done') return null
      if (draft.state.run.phase.name === 'failed')
        draft.setRun({ phase: { name: 'planning', since: draft.at, asked: 0 } })
      recallBackups(draft)
      recallInstances(draft)
      adoptTeam(draft)
      recallMerges(draft)
      recallChores(draft)
      owe(draft, 'upstream')
      return null
    case 'clock-ticked':
      warmUp(draft)
      expireBackups(draft)
      expireInstances(draft)
      for (const task of draft.state.tasks.values()) askAgain(draft, task)
      if (
        draft.state.run.upstream.name === 'current' &&
        draft.at >= draft.state.run.upstream.since + draft.state.rules.upstreamEveryMs
      ) {
        owe(draft, 'upstream')
      }
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
      return applyInstanceFact(draft, event)
    case 'credentials-changed':
    case 'credential-replaced':
    case 'credential-not-replaced':
    case 'window-seen':
    case 'gateway-refused':
    case 'credential-disabled':
    case 'credential-enabled':
    case 'cooldown-forgotten':
    case 'instance-moved':
      return applyCredentialFact(draft, event)
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
      hear(draft, draft.instance(instance))
      return null
    }
    case 'work-saved':
    case 'work-unchanged':
    case 'work-not-saved':
    case 'backup-deleted':
    case 'backup-restored':
    case 'backup-forgotten':
      return applyBackupFact(draft, event)
    case 'plan-submitted':
    case 'plan-approved':
    case 'run-finished':
    case 'lists-edited':
      return applyPlanFact(draft, event)
    case 'brief-fetched':
    case 'task-reported':
    case 'task-blocked':
    case 'task-progressed':
    case 'task-answered':
    case 'task-cancelled':
      return applyTaskFact(draft, event)
    case 'merge-checking':
    case 'merge-landed':
    case 'merge-conflicted':
    case 'merge-rejected':
    case 'merge-failed': {
      const stale = staleVerdict(draft, event)
      if (stale === null) enterVerdict(draft, event)
      return stale
    }
    case 'lists-committed':
      if (event.head !== draft.state.run.head) owe(draft, 'publish')
      draft.setRun({ head: event.head })
      finishChore(draft, 'lists')
      return null
    case 'lists-failed':
      failChore(draft, 'lists', event.reason)
      return null
    case 'published':
      finishChore(draft, 'publish')
      return null
    case 'publish-refused':
      failChore(draft, 'publish', event.reason)
      if (event.isBehind) owe(draft, 'upstream')
      return null
    case 'upstream-merged':
      if (event.head !== draft.state.run.head) owe(draft, 'publish')
      draft.setRun({ head: event.head })
      finishChore(draft, 'upstream')
      return null
    case 'upstream-failed':
      failChore(draft, 'upstream', event.reason)
      return null
    case 'command-failed':
      return `${event.command} failed: ${event.reason}`
    case 'report-written':
      if (draft.state.run.phase.name !== 'finishing') return 'the run is not finishing'
      draft.setRun({ phase: { ...draft.state.run.phase, isWritten: true } })
      return null
    case 'everything-stopped':
      for (const { id, phase } of draft.state.instances.values()) {
        if (phase.name === 'stopping') draft.enterInstance(id, { name: 'stopped' })
      }
      return null
  }
}

/** Sets off whatever is possible now; running it again at once would do nothing. */
function settle(draft: Draft, answerable: InstanceId | null): void {
  if (isEnded(draft.state)) return
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
  runChores(draft)
  closeRun(draft)
}

/** A worker that was started anew while it held a task goes on with it. */
function resumeInterrupted(draft: Draft): void {
  for (const { id, phase, task } of draft.state.instances.values()) {
    if (phase.name !== 'ready' || task === null) continue
    assign(draft, task, id)
    prompt(draft, id, 'resume', 'typed')
  }
}

const isEnded = ({ run }: State): boolean =>
  run.phase.name === 'done' || run.phase.name === 'failed'
