import { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import type { Instance } from '../model/instance.ts'
import { syncNames } from '../model/line.ts'
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
    case 'working':
      draft.setInstance(id, { phase: { ...phase, lastHeartbeat: at, probes: 0 } })
      return true
    default:
      return false
  }
}

/**
 * A time in the state that is in the future shows that the clock was set back. Moves the start of
 * such phases to `at` and keeps the length of their waits. Times that others reported, such as the
 * reset of a usage window, stay. No decision leaves a time later than its own: if the one at
 * `decidedAt` came before `at`, there is nothing to look for.
 */
export function clampToNow(state: State, at: Instant, decidedAt: Instant | null): State {
  if (decidedAt !== null && decidedAt <= at) return state
  const { run, lines, instances, merges, backups } = state
  const syncs = [...lines.values()].flatMap((line) => syncNames.map((name) => line[name]))
  const requests = run.phase.name === 'executing' ? run.phase.askedForMore : { since: 0 }
  const runPhases: readonly Timed[] = [run.phase, { ...run.phase, ...requests }, ...syncs]
  const others: readonly Timed[] = [...instances.values(), ...merges, ...backups.values()].map(
    ({ phase }) => phase,
  )
  const rotations = [...instances.values()].flatMap(({ rotation }) => rotation ?? [])
  if (![...runPhases, ...others, ...rotations].some((each) => latestStart(each) > at)) return state
  const draft = new Draft(state, at)
  for (const instance of instances.values())
    draft.setInstance(instance.id, { ...instance, ...clampedInstance(instance, at) })
  draft.setRun({ phase: clampedRequests(clampedPhase(run.phase, at), at) })
  for (const { id, lists, publish, upstream } of lines.values())
    draft.setLine(id, {
      lists: clampedPhase(lists, at),
      publish: clampedPhase(publish, at),
      upstream: clampedPhase(upstream, at),
    })
  for (const { task, phase } of merges) draft.setMerge(task, { phase: clampedPhase(phase, at) })
  for (const { id, phase } of backups.values())
    draft.setBackup(id, { phase: clampedPhase(phase, at) })
  for (const { id, phase } of state.tasks.values())
    draft.setTask(id, { phase: clampedPhase(phase, at) })
  return draft.state
}

interface Timed {
  readonly name?: string
  readonly since?: Instant
  readonly lastHeartbeat?: Instant
}

const latestStart = ({
  since = Number.NEGATIVE_INFINITY,
  lastHeartbeat: last = since,
}: Timed): Instant => Math.max(since, last)

function clampedInstance(
  { phase, rotation, failures, pauses }: Instance,
  at: Instant,
): Pick<Instance, 'phase' | 'rotation' | 'failures' | 'pauses'> {
  const past = (instants: readonly Instant[]): readonly Instant[] =>
    instants.map((each) => Math.min(each, at))
  const isReported = phase.name === 'rate-limited' && phase.wait === 'parked'
  const timed = isReported
    ? { ...phase, since: Math.min(phase.since, at) }
    : clampedPhase(phase, at)
  return {
    phase:
      timed.name === 'working'
        ? { ...timed, lastHeartbeat: Math.min(timed.lastHeartbeat, at) }
        : timed,
    rotation: rotation && clampedPhase(rotation, at),
    failures: past(failures),
    pauses: past(pauses),
  }
}

const clampedRequests = (phase: RunPhase, at: Instant): RunPhase =>
  phase.name === 'executing'
    ? { ...phase, askedForMore: clampedPhase(phase.askedForMore, at) }
    : phase

/** The phase, started at `at` at the latest, with its deadline as far away as before. */
function clampedPhase<Phase extends object>(phase: Phase, at: Instant): Phase {
  const { since, until } = phase as { readonly since?: Instant; readonly until?: Instant }
  if (since === undefined || since <= at) return phase
  return { ...phase, since: at, ...(until === undefined ? {} : { until: at + (until - since) }) }
}
