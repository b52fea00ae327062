import { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import type { Instance } from '../model/instance.ts'
import type { State } from '../model/state.ts'

/**
 * An alarm that is looked at so late was not missed by a busy server: the machine slept, or its clock was set ahead. Nothing could be heard
 * meanwhile, so nothing that was not heard is held against anybody.
 */
export const missedAlarmMs = 30_000

/**
 * One that is up asks for its tools by itself, once. When nobody was there to answer, only a new launch helps: a server that is started
 * again and again must not put that off for ever.
 */
const toolListTimeoutMs = 30_000

/** What an instance owes us is waited for anew from now on; true when it owes anything. */
export function restartDeadline(draft: Draft, { id, phase }: Instance): boolean {
  const { at, state } = draft
  switch (phase.name) {
    case 'starting': {
      const since = phase.hasSession
        ? Math.max(phase.since, at - state.rules.startTimeoutMs + toolListTimeoutMs)
        : at
      draft.setInstance(id, { phase: { ...phase, since } })
      return true
    }
    case 'prompted':
      draft.setInstance(id, { phase: { ...phase, until: at + state.rules.promptTimeoutMs } })
      return true
    case 'working':
      draft.setInstance(id, { phase: { ...phase, heard: at, looks: 0 } })
      return true
    default:
      return false
  }
}

/**
 * What the state says of a time to come shows that the clock was set back. Everything that we wait for by our own rules is then no further
 * away than when the wait began; what others told, such as the reset of a window, stays where it is.
 */
export function clampToNow(state: State, at: Instant): State {
  const { run, instances, merges, backups } = state
  const chores: readonly Timed[] = [run.phase, run.lists, run.publish, run.upstream]
  const holders: readonly Timed[] = [...instances.values(), ...merges, ...backups.values()].map(
    ({ phase }) => phase,
  )
  if (![...chores, ...holders].some((each) => latestStart(each) > at)) return state
  const draft = new Draft(state, at)
  for (const instance of instances.values())
    draft.setInstance(instance.id, { ...instance, ...clampedInstance(instance, at) })
  draft.setRun({
    phase: startedBy(run.phase, at),
    lists: startedBy(run.lists, at),
    publish: startedBy(run.publish, at),
    upstream: startedBy(run.upstream, at),
  })
  for (const { task, phase } of merges) draft.setMerge(task, { phase: startedBy(phase, at) })
  for (const { id, phase } of backups.values()) draft.setBackup(id, { phase: startedBy(phase, at) })
  for (const { id, phase } of state.tasks.values())
    draft.setTask(id, { phase: startedBy(phase, at) })
  return draft.state
}

interface Timed {
  readonly name: string
  readonly since?: Instant
  readonly heard?: Instant
}

const latestStart = ({ since = Number.NEGATIVE_INFINITY, heard = since }: Timed): Instant =>
  Math.max(since, heard)

function clampedInstance(
  { phase, failures, troubles }: Instance,
  at: Instant,
): Pick<Instance, 'phase' | 'failures' | 'troubles'> {
  const past = (instants: readonly Instant[]): readonly Instant[] =>
    instants.map((each) => Math.min(each, at))
  const isTold = phase.name === 'limited' && phase.wait === 'park'
  const timed = isTold ? { ...phase, since: Math.min(phase.since, at) } : startedBy(phase, at)
  return {
    phase: timed.name === 'working' ? { ...timed, heard: Math.min(timed.heard, at) } : timed,
    failures: past(failures),
    troubles: past(troubles),
  }
}

/** Begun now at the latest, and as long as it was. */
function startedBy<Phase extends object>(phase: Phase, at: Instant): Phase {
  const { since, until } = phase as { readonly since?: Instant; readonly until?: Instant }
  if (since === undefined || since <= at) return phase
  return { ...phase, since: at, ...(until === undefined ? {} : { until: at + (until - since) }) }
}
