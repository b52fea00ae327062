import { saveWork } from './backup.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId, TaskId } from '../model/ids.ts'
import type { Policy } from '../model/policy.ts'
import type { State } from '../model/state.ts'
import { isOver, type Attempt, type Task } from '../model/task.ts'

/** Whether no worker has ever held it. */
export const isUntouched = (task: Task): boolean =>
  task.attempts.length === 0 &&
  (task.phase.name === 'proposed' || task.phase.name === 'waiting' || task.phase.name === 'queued')

/** Assigns the task and starts an attempt, or continues the running one of the same worker. */
export function assign(draft: Draft, id: TaskId, instance: InstanceId): void {
  const { launch } = draft.setInstance(instance, { task: id })
  const { attempts } = draft.task(id)
  const last = attempts.at(-1)
  // A worker that was restarted without a penalty continues its attempt.
  const continues = last?.outcome === 'running' && last.instance === instance
  const attempt: Attempt = continues
    ? { ...last, launch }
    : {
        instance,
        launch,
        startedAt: draft.at,
        endedAt: null,
        hasBrief: false,
        outcome: 'running',
      }
  draft.enterTask(
    id,
    { name: 'assigned', instance },
    { assignee: instance, attempts: [...(continues ? attempts.slice(0, -1) : attempts), attempt] },
  )
}

/** Records that the worker of the running attempt knows what the task is. */
export function noteBrief(draft: Draft, id: TaskId): void {
  const { attempts } = draft.task(id)
  const last = attempts.at(-1)
  if (last?.outcome !== 'running' || last.hasBrief) return
  draft.setTask(id, { attempts: [...attempts.slice(0, -1), { ...last, hasBrief: true }] })
}

/**
 * Whether a report of its worker can mean this task. A turn that the server took for over may go on
 * and report on the task before.
 */
export const hasBrief = ({ attempts }: Task): boolean => attempts.at(-1)?.hasBrief === true

/** Ends the running attempt, if there is one. */
export function endAttempt(
  draft: Draft,
  id: TaskId,
  outcome: Exclude<Attempt['outcome'], 'running'>,
): void {
  const { attempts } = draft.task(id)
  const last = attempts.at(-1)
  if (last?.outcome !== 'running') return
  draft.setTask(id, {
    attempts: [...attempts.slice(0, -1), { ...last, outcome, endedAt: draft.at }],
  })
}

/** Attempts lost in a row, since the last one that ended otherwise. */
export function lostAttemptsOf({ attempts }: Task): number {
  const decided = attempts.findLastIndex(
    ({ outcome }) => outcome !== 'lost' && outcome !== 'running',
  )
  return attempts.slice(decided + 1).filter(({ outcome }) => outcome === 'lost').length
}

/** Takes the task from its worker and puts it back into the queue. */
export function releaseTask(draft: Draft, instance: InstanceId): void {
  const { task } = draft.instance(instance)
  if (task === null) return
  endAttempt(draft, task, 'lost')
  draft.setInstance(instance, { task: null })
  draft.enterTask(task, { name: 'queued' })
}

/** Takes the task from its worker, if it has one, and asks the Manager the question. */
export function block(
  draft: Draft,
  id: TaskId,
  instance: InstanceId | null,
  question: string,
  outcome: 'blocked' | 'given-up' = 'blocked',
): void {
  endAttempt(draft, id, outcome)
  if (instance !== null && draft.instance(instance).task === id) {
    saveWork(draft, instance, id, 'the task is blocked')
    draft.setInstance(instance, { task: null })
  }
  draft.enterTask(id, {
    name: 'blocked',
    question,
    timesAsked: 1,
    until: draft.at + reminderDelayMs(1),
  })
  draft.notifyManager({ type: 'blocked', task: id, question })
}

/**
 * Repeats the question of a blocked task when it is due: the Manager may have been interrupted, or
 * may not have understood.
 */
export function remindManager(draft: Draft, task: Task): void {
  const { id, phase } = task
  if (phase.name !== 'blocked' || phase.until > draft.at) return
  const times = phase.timesAsked + 1
  draft.setTask(id, {
    phase: { ...phase, timesAsked: times, until: draft.at + reminderDelayMs(times) },
  })
  if (!awaitsPerson(draft.state, task))
    draft.notifyManager({ type: 'blocked', task: id, question: phase.question })
}

/** Whether the Manager has decided about a stuck task as often as it may: a person has to. */
export const awaitsPerson = ({ policy }: Pick<State, 'policy'>, task: Task): boolean =>
  task.phase.name === 'blocked' && whyStuck(policy, task) !== null && task.rounds >= policy.rounds

/**
 * Why a task is stuck: its work was returned too often, its last worker stopped without a report or
 * hung, or too many workers were lost on it. Null for others, also when a worker asks a question of
 * its own.
 */
export function whyStuck(
  policy: Pick<Policy, 'returns' | 'losses'>,
  task: Task,
): 'returned' | 'given-up' | 'lost' | null {
  if (task.reworkCount > policy.returns) return 'returned'
  if (task.attempts.at(-1)?.outcome === 'given-up') return 'given-up'
  return lostAttemptsOf(task) >= policy.losses ? 'lost' : null
}

/** 2 min, 4 min, 8 min … up to an hour. */
const reminderDelayMs = (times: number): number => Math.min(60_000 * 2 ** times, 3_600_000)

/**
 * Why the task cannot be ended from outside as things are, without its subject: `is merged`; null
 * when it can.
 */
export function objectionToEnd({ merges }: State, { id, phase }: Task): string | null {
  if (isOver(phase)) return `is ${phase.name}`
  const merge = merges.find(({ task }) => task === id)?.phase
  if (phase.name === 'merging' && merge?.name !== 'failed' && merge?.name !== 'held')
    return 'is being merged'
  if (merge?.name === 'failed' && merge.mayHaveLanded)
    return 'may be merged already: its merge is looked at again within a minute'
  return null
}

/** Takes the task from its worker and from the merge queue; what its worker has of it is saved. */
export function takeAway(draft: Draft, id: TaskId, reason: string): void {
  endAttempt(draft, id, 'cancelled')
  for (const instance of draft.state.instances.values()) {
    if (instance.task !== id) continue
    saveWork(draft, instance.id, id, reason)
    draft.setInstance(instance.id, { task: null })
  }
  draft.removeMerge(id)
}
