import { clampToNow } from './entities/clock-skew.ts'
import { moveTasksOfOthers } from './entities/shortest-list.ts'
import { startDueSyncs } from './entities/sync.ts'
import { assign } from './entities/task.ts'
import { applyEvent } from './events/apply-event.ts'
import type { Command } from './model/command.ts'
import { Draft } from './model/draft.ts'
import type { Event } from './model/event.ts'
import type { InstanceId, Instant } from './model/ids.ts'
import type { Prompt } from './model/instance.ts'
import { ignored, applied, type Outcome } from './model/outcome.ts'
import type { Transition } from './model/phase-change.ts'
import { isRunOver } from './model/run.ts'
import type { State } from './model/state.ts'
import {
  leaseForIdle,
  lendForOpenTasks,
  lendToAbsent,
  lendToManager,
  wakeParked,
} from './rules/credential-lending.ts'
import { startWaiting } from './rules/lifecycle.ts'
import { closeRun } from './rules/ending.ts'
import { leaveApproval, promptManager, watchProgress } from './rules/manager.ts'
import { startNextMerges } from './rules/merge-queue.ts'
import { sendPrompt } from './rules/prompting.ts'
import { assignTasks, openTasks } from './rules/schedule.ts'
import { replaceOutdated } from './rules/upgrades.ts'

export interface Decision {
  readonly state: State
  readonly commands: readonly Command[]
  /** The prompt that the answer to the event's Stop hook must carry; null without one. */
  readonly reply: Prompt | null
  /** Changes of phase, in order; the state shows only the last one of each. */
  readonly transitions: readonly Transition[]
  /** Why the event changed nothing; null when it did. */
  readonly ignored: string | null
}

/**
 * Every rule of the product in one calculation: it applies the event, then starts whatever became
 * possible. The same event twice does nothing the second time. `decidedAt` is the time of the
 * decision that `known` comes from; null when it is unknown, as after a start of the server.
 */
export function decide(known: State, event: Event, decidedAt: Instant | null): Decision {
  const before = clampToNow(known, event.at, decidedAt)
  const fence = checkFence(before, event)
  if (fence.isIgnored) return unchanged(before, fence.reason)
  const sequenced = recordSequence(before, event)
  const draft = new Draft(sequenced, event.at)
  const outcome = applyEvent(draft, event)
  if (outcome.isIgnored) return unchanged(sequenced, outcome.reason)
  startWhatIsPossible(draft, answerableIn(event))
  const { state, commands, reply, transitions } = draft
  return { state, commands, reply, transitions, ignored: null }
}

const unchanged = (state: State, reason: string): Decision => ({
  state,
  commands: [],
  reply: null,
  transitions: [],
  ignored: reason,
})

/** An event counts only after the server's start, from the current launch, and once. */
function checkFence(state: State, event: Event): Outcome {
  if (state.instances.size === 0 && event.type !== 'server-started') {
    return ignored('the server has not started yet')
  }
  if (!('launch' in event)) return applied
  const instance = state.instances.get(event.instance)
  if (!instance) return ignored(`there is no instance ${event.instance}`)
  if (instance.launch !== event.launch) {
    return ignored(`${event.instance} is at launch ${instance.launch}, not ${event.launch}`)
  }
  if (event.sequence === undefined || event.sequence > instance.sequence) return applied
  return ignored(`hook ${event.sequence} of ${event.instance} was received before`)
}

/** An ignored hook counts as received, too: a replay in another phase must change nothing. */
function recordSequence(state: State, event: Event): State {
  if (!('launch' in event) || event.sequence === undefined) return state
  const instance = state.instances.get(event.instance)
  if (!instance) return state
  const next = { ...instance, sequence: event.sequence }
  return { ...state, instances: state.instances.with(next) }
}

/** The instance whose Stop hook waits for an answer, which can carry the next prompt. */
const answerableIn = (event: Event): InstanceId | null =>
  event.type === 'turn-ended' && event.isAnswerable ? event.instance : null

/** Starts everything that is possible now; a second call would change nothing. */
function startWhatIsPossible(draft: Draft, answerable: InstanceId | null): void {
  if (isRunOver(draft.state.run)) return
  moveTasksOfOthers(draft)
  lendToAbsent(draft)
  startWaiting(draft)
  wakeParked(draft)
  leaseForIdle(draft)
  replaceOutdated(draft)
  resumeInterrupted(draft)
  leaveApproval(draft)
  if (draft.state.run.phase.name === 'executing') {
    openTasks(draft)
    startNextMerges(draft)
    // Before the next task: it may wait for what the Manager has to decide.
    lendToManager(draft)
    assignTasks(draft, answerable)
  }
  watchProgress(draft)
  lendToManager(draft)
  if (draft.state.run.phase.name === 'executing' && lendForOpenTasks(draft))
    assignTasks(draft, answerable)
  promptManager(draft)
  startDueSyncs(draft)
  closeRun(draft)
}

/** A restarted worker that still holds a task continues it. */
function resumeInterrupted(draft: Draft): void {
  for (const { id, phase, task } of draft.state.instances.values()) {
    if (phase.name !== 'ready' || task === null) continue
    assign(draft, task, id)
    sendPrompt(draft, id, 'resume', 'typed')
  }
}
