import { Draft } from '../model/draft.ts'
import type { Credential } from '../model/credential.ts'
import type { Instant } from '../model/ids.ts'
import type { Instance, InstancePhase } from '../model/instance.ts'
import { syncNames } from '../model/line.ts'
import { timeouts } from '../model/policy.ts'
import { restarted } from '../model/rotation.ts'
import type { RunPhase } from '../model/run.ts'
import type { State } from '../model/state.ts'

/**
 * A busy server is never this late for an alarm: the machine slept, or its clock was set forward.
 * No signal could arrive meanwhile, so a missing one counts against no instance.
 */
export const missedAlarmMs = 30_000

/**
 * What is left for the tools after a restart of the server. Claude Code lists its tools once, by
 * itself; if the server was down at that moment, only a new launch helps. Repeated restarts of the
 * server must not postpone that for ever.
 */
const toolListTimeoutMs = 30_000

/**
 * Restarts the deadlines of the rotation and of the current phase; false when the phase keeps its
 * deadline or has none.
 */
export function restartDeadline(draft: Draft, { id, phase, rotation }: Instance): boolean {
  const { at, state } = draft
  if (rotation !== null) draft.setInstance(id, { rotation: restarted(rotation, at) })
  switch (phase.name) {
    case 'starting': {
      const since = phase.hasSession
        ? Math.max(phase.since, at - state.policy.startTimeoutMs + toolListTimeoutMs)
        : at
      draft.setInstance(id, { phase: { ...phase, since } })
      return true
    }
    case 'prompted':
      if (phase.awaits === 'rotation') return false
      draft.setInstance(id, { phase: { ...phase, until: at + state.policy.promptTimeoutMs } })
      return true
    case 'interrupting':
      draft.setInstance(id, { phase: { ...phase, until: at + timeouts.interruptMs } })
      return true
    case 'working':
      draft.setInstance(id, { phase: { ...phase, lastHeartbeat: at, probes: 0, busy: null } })
      return true
    default:
      return false
  }
}

/**
 * Ends the effects of a clock that was set back: the last decision was made at `decidedAt`, which
 * is later than `at`. Moves the start of phases that began in the future to `at`, and every
 * deadline back with the clock. Times that others reported, such as the reset of a usage window,
 * stay. After a start, `decidedAt` is null: then only a time in the future shows that the clock was
 * set back, and the deadlines of commands need no correction, because a start issues them again.
 */
export function clampToNow(state: State, at: Instant, decidedAt: Instant | null): State {
  if (decidedAt !== null && decidedAt <= at) return state
  const now: Now = { at, setBackBy: decidedAt === null ? 0 : decidedAt - at }
  const { run, lines, instances, merges, backups, credentials } = state
  const syncs = [...lines.values()].flatMap((line) => syncNames.map((name) => line[name]))
  const requests = run.phase.name === 'executing' ? run.phase.askedForMore : { since: 0 }
  const runPhases: readonly Timed[] = [run.phase, { ...run.phase, ...requests }, ...syncs]
  const rests = [...credentials.values()].filter(isRest)
  const phased = [...instances.values(), ...merges, ...backups.values(), ...rests]
  const others: readonly Timed[] = phased.map(({ phase }) => phase)
  const given = [...credentials.values()].flatMap(({ disclosures }) =>
    disclosures.map(({ at: since }) => ({ since })),
  )
  const rotations = [...instances.values()].flatMap(({ rotation }) => rotation ?? [])
  const isInFuture = (each: Timed): boolean => latestStart(each) > at
  if (decidedAt === null && ![...runPhases, ...others, ...rotations, ...given].some(isInFuture))
    return state
  const draft = new Draft(state, at)
  for (const instance of instances.values())
    draft.setInstance(instance.id, { ...instance, ...clampedInstance(instance, now) })
  draft.setRun({ phase: clampedRequests(clampedPhase(run.phase, now), now) })
  for (const line of lines.values())
    for (const name of syncNames) draft.setLine(line.id, { [name]: clampedPhase(line[name], now) })
  for (const { task, phase } of merges) draft.setMerge(task, { phase: clampedPhase(phase, now) })
  for (const { id, phase } of backups.values())
    draft.setBackup(id, { phase: clampedPhase(phase, now) })
  for (const { id, disclosures } of credentials.values())
    if (disclosures.some((each) => each.at > at))
      draft.setCredential(id, {
        disclosures: disclosures.map((each) => ({ ...each, at: Math.min(each.at, at) })),
      })
  for (const { id, phase } of rests) draft.setCredential(id, { phase: clampedPhase(phase, now) })
  for (const { id, phase } of state.tasks.values())
    draft.setTask(id, { phase: clampedPhase(phase, now) })
  return draft.state
}

/** Mostly the server chose when a limit without a name ends; another try too early does no harm. */
const isRest = ({ phase }: Credential): boolean =>
  phase.name === 'cooling' && phase.window === 'unknown'

/** The time, and by how much the clock was set back; 0 when it is not known. */
interface Now {
  readonly at: Instant
  readonly setBackBy: number
}

interface Timed {
  readonly name?: string
  readonly since?: Instant
  readonly lastHeartbeat?: Instant
  readonly lastProgress?: Instant | null
}

const latestStart = ({
  since = Number.NEGATIVE_INFINITY,
  lastHeartbeat = since,
  lastProgress,
}: Timed): Instant => Math.max(since, lastHeartbeat, lastProgress ?? since)

function clampedInstance(
  { phase, rotation, failures, pauses }: Instance,
  now: Now,
): Pick<Instance, 'phase' | 'rotation' | 'failures' | 'pauses'> {
  const { at } = now
  const past = (instants: readonly Instant[]): readonly Instant[] =>
    instants.map((each) => Math.min(each, at))
  const isReported = phase.name === 'rate-limited' && phase.wait === 'parked'
  const timed = isReported
    ? { ...phase, since: Math.min(phase.since, at) }
    : clampedPhase(phase, now)
  return {
    phase: withPastSignals(timed, at),
    rotation: rotation && clampedPhase(rotation, now),
    failures: past(failures),
    pauses: past(pauses),
  }
}

/** No signal from it is later than `at`. */
function withPastSignals(phase: InstancePhase, at: Instant): InstancePhase {
  switch (phase.name) {
    case 'working':
      return {
        ...phase,
        lastHeartbeat: Math.min(phase.lastHeartbeat, at),
        busy: phase.busy && { ...phase.busy, seen: Math.min(phase.busy.seen, at) },
      }
    case 'starting':
      return { ...phase, lastProgress: phase.lastProgress && Math.min(phase.lastProgress, at) }
    default:
      return phase
  }
}

const clampedRequests = (phase: RunPhase, now: Now): RunPhase =>
  phase.name === 'executing'
    ? { ...phase, askedForMore: clampedPhase(phase.askedForMore, now) }
    : phase

/**
 * The phase, started at `at` at the latest, with its deadline as far away as before: measured from
 * its start if that was in the future, otherwise by how much the clock was set back.
 */
function clampedPhase<Phase extends object>(phase: Phase, { at, setBackBy }: Now): Phase {
  const { since, until } = phase as { readonly since?: Instant; readonly until?: Instant }
  const isFuture = since !== undefined && since > at
  if (!isFuture && (until === undefined || setBackBy === 0)) return phase
  const start = isFuture ? { since: at } : {}
  if (until === undefined) return { ...phase, ...start }
  const measured = isFuture ? at + (until - since) : until - setBackBy
  return { ...phase, ...start, until: Math.max(at, measured) }
}
