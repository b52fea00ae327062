import { backupDue } from '../entities/backup.ts'
import { missedAlarmMs, restartDeadline } from '../entities/clock-skew.ts'
import { expireSyncs, syncDue } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import type { Instance } from '../model/instance.ts'
import { nextRequestForMore } from '../entities/plan-progress.ts'
import { syncNames } from '../model/line.ts'
import type { Policy } from '../model/policy.ts'
import { isRunOver } from '../model/run.ts'
import type { State } from '../model/state.ts'
import type { Noun } from '../model/transitions.ts'
import { expireBackups } from './backups.ts'
import { endRateLimit } from './credential-lending.ts'
import { expireRotation } from './credential-placement.ts'
import { busyDue, interruptTurn, silenceDue } from './hung-turns.ts'
import { lose, start } from './lifecycle.ts'
import { endingDue, expireEnding } from './ending.ts'
import { expireMerges, mergeDue, mergeHeads } from './merge-queue.ts'
import { expirePrompt } from './prompting.ts'
import { inStartOrder } from './start-queue.ts'
import { expireStart, startDue } from './starts.ts'
import { saveBeforeReturn, stopInstance, stopQuarantined } from './stopping.ts'

/** The earliest deadline, to which the server sets its one timer; null when there is none. */
export function nextAlarm(state: State): Instant | null {
  const relevant = isRunOver(state.run) ? deadlines(state).filter(outlivesRun) : deadlines(state)
  return relevant.length === 0 ? null : Math.min(...relevant.map(({ at }) => at))
}

/** When the phase of one instance, task … ends at the latest. */
export interface Deadline {
  readonly noun: Noun
  readonly id: string
  readonly phase: string
  readonly at: Instant
}

/** Every deadline of the state, including those that are ignored once the run is over. */
export function deadlines(state: State): readonly Deadline[] {
  const { run, policy, lines, instances, tasks, credentials, backups } = state
  const dues: (Omit<Deadline, 'at'> & { readonly at: Instant | null })[] = [
    {
      noun: 'run',
      id: run.id,
      phase: run.phase.name,
      at: endingDue(run) ?? nextRequestForMore(state),
    },
  ]
  for (const line of lines.values()) {
    for (const name of syncNames) {
      const at = syncDue(line, name, policy)
      dues.push({ noun: 'sync', id: `${line.id}/${name}`, phase: line[name].name, at })
    }
  }
  for (const instance of instances.values()) {
    const at = instanceDue(instance, state)
    dues.push({ noun: 'instance', id: instance.id, phase: instance.phase.name, at })
  }
  for (const { id, phase } of tasks.in('blocked'))
    if (phase.name === 'blocked')
      dues.push({ noun: 'task', id, phase: phase.name, at: phase.until })
  for (const head of mergeHeads(state))
    dues.push({ noun: 'merge', id: head.task, phase: head.phase.name, at: mergeDue(head, state) })
  for (const { id, phase } of credentials.values())
    if (phase.name === 'cooling')
      dues.push({ noun: 'credential', id, phase: phase.name, at: phase.until })
  for (const backup of backups.values())
    dues.push({ noun: 'backup', id: backup.id, phase: backup.phase.name, at: backupDue(backup) })
  return dues.flatMap(({ at, ...due }) => (at === null ? [] : [{ ...due, at }]))
}

/** When the run is over, only commands under way still matter: stops, the report, saves of work. */
const outlivesRun = ({ noun, phase }: Deadline): boolean =>
  noun === 'run' || noun === 'instance' || phase === 'saving' || phase === 'forgetting'

/** Ends every phase whose deadline has passed. What failed and is due again is started
 * after that. */
export function expirePhases(draft: Draft): void {
  expireBackups(draft)
  expireInstances(draft)
  expireMerges(draft)
  expireSyncs(draft)
  expireEnding(draft)
}

/**
 * A silent instance is probed twice, `silenceMs` apart, and lost at the third deadline: by default
 * after half an hour.
 */
const maxProbes = 2

function expireInstances(draft: Draft): void {
  const isDue = (instance: Instance): boolean =>
    (instanceDue(instance, draft.state) ?? Infinity) <= draft.at
  for (const { id } of inStartOrder([...draft.state.instances.values()].filter(isDue))) {
    const instance = draft.instance(id)
    const due = instanceDue(instance, draft.state)
    if (due === null || due > draft.at) continue
    if (draft.at - due > missedAlarmMs) restartDeadline(draft, instance)
    // Not every deadline restarts.
    const waiting = draft.instance(id)
    const next = instanceDue(waiting, draft.state)
    if (next !== null && next <= draft.at) expire(draft, waiting)
  }
}

/** When a stop is issued again: the only deadline of an instance once the run is over. */
function stopDue({ phase }: Instance): Instant | null {
  if (phase.name === 'quarantined') return phase.stop?.until ?? null
  return phase.name === 'stopping' ? phase.until : null
}

/** The earlier one of its phase and its rotation. */
function instanceDue(instance: Instance, { policy, run }: State): Instant | null {
  if (isRunOver(run)) return stopDue(instance)
  const dues = [phaseDue(instance, policy), instance.rotation?.until ?? null]
  const known = dues.filter((due) => due !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function phaseDue(instance: Instance, policy: Policy): Instant | null {
  const { phase } = instance
  switch (phase.name) {
    case 'starting':
      return startDue(phase, policy)
    case 'working':
      return Math.min(silenceDue(phase, policy), busyDue(phase, policy) ?? Infinity)
    case 'prompted':
      return phase.awaits === 'rotation' ? null : phase.until
    case 'rate-limited':
      return phase.wait === 'rotating' ? null : phase.until
    case 'backing-off':
    case 'interrupting':
    case 'stopping':
      return phase.until
    case 'quarantined':
      return Math.min(phase.until, stopDue(instance) ?? phase.until)
    case 'absent':
    case 'queued':
    case 'ready':
    case 'stopped':
      return null
  }
}

function expire(draft: Draft, instance: Instance): void {
  const { id, phase, launch, rotation } = instance
  // If the phase is due too, the next alarm follows at once.
  if (rotation !== null && rotation.until <= draft.at) return expireRotation(draft, id)
  switch (phase.name) {
    case 'starting':
      return expireStart(draft, id)
    case 'prompted':
      return expirePrompt(draft, id)
    case 'working':
      if ((busyDue(phase, draft.state.policy) ?? Infinity) <= draft.at)
        return interruptTurn(draft, id)
      if (phase.probes >= maxProbes)
        return lose(draft, id, 'it sent no heartbeat, and two probes changed nothing')
      draft.setInstance(id, { phase: { ...phase, probes: phase.probes + 1 } })
      return draft.issue({ type: 'probe-instance', instance: id, launch })
    case 'interrupting':
      return lose(draft, id, 'its turn hung, and the interruption had no outcome in time')
    case 'backing-off':
      return start(draft, id)
    case 'quarantined':
      if (phase.until > draft.at || isRunOver(draft.state.run)) return stopQuarantined(draft, id)
      saveBeforeReturn(draft, instance)
      return start(draft, id)
    case 'stopping':
      return stopInstance(draft, id)
    case 'rate-limited':
      return endRateLimit(draft, draft.instance(id))
    default:
      return
  }
}
