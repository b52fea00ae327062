import type { InstanceId, Instant, TaskId } from '../../src/core/model/ids.ts'
import { syncNames } from '../../src/core/model/line.ts'
import { type Instance, isRunning } from '../../src/core/model/instance.ts'
import { timeouts } from '../../src/core/model/policy.ts'
import { teamOf } from '../../src/core/model/roles.ts'
import { isRunOver } from '../../src/core/model/run.ts'
import { isOver } from '../../src/core/model/task.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Violations } from './violation.ts'

/** What must be true after every single decision. */
export function checkState(
  state: State,
  /** Tasks whose merged work was returned: what depends on them may have begun. */
  returned: ReadonlySet<TaskId>,
  violations: Violations,
): void {
  const holders = new Map<TaskId, InstanceId>()
  for (const { id, task } of state.instances.values()) {
    if (task === null) continue
    const other = holders.get(task)
    if (other !== undefined) violations.add('held once', `${task} is held by ${other} and ${id}`)
    holders.set(task, id)
  }
  for (const { id, capacity, leases } of state.credentials.values()) {
    if (leases.length > capacity)
      violations.add(
        'leased within capacity',
        `${id} is leased to ${leases.join(', ')}, it may be ${capacity} times`,
      )
    for (const holder of leases)
      if (state.instances.get(holder)?.credential !== id)
        violations.add('leased within capacity', `${holder} does not know that it holds ${id}`)
  }
  for (const { id, credential } of state.instances.values()) {
    if (credential !== null && !state.credentials.get(credential)?.leases.includes(id))
      violations.add('leased within capacity', `${id} has ${credential} without a lease`)
  }
  checkDisclosures(state, violations)
  for (const { id, phase, task, outdated } of state.instances.values())
    if (phase.name === 'ready' && task === null && outdated !== null && !isRunOver(state.run))
      violations.add('upgrades happen', `${id} is idle and still outdated: ${outdated}`)
  for (const { id, phase, rotation } of state.instances.values()) {
    const waits =
      (phase.name === 'rate-limited' && phase.wait === 'rotating') ||
      (phase.name === 'prompted' && phase.awaits === 'rotation')
    if (waits && rotation === null)
      violations.add('rotations end', `${id} waits for a rotation and has none`)
    if (rotation !== null && !isRunning(phase))
      violations.add('rotations end', `${id} is ${phase.name} and has a rotation`)
  }
  // A start while the team is stopped takes it over when there is work again.
  const isAtWork = state.run.phase.name !== 'publishing' && !isRunOver(state.run)
  const team = new Set(teamOf(state.policy).map(({ id }) => id))
  for (const { id, phase, dependsOn, attempts, assignee } of state.tasks.values()) {
    if (isAtWork && !isOver(phase) && !team.has(assignee))
      violations.add('tasks are on lists', `${id} is ${phase.name} on the list of ${assignee}`)
    const open = attempts.filter(({ outcome }) => outcome === 'running').length
    if (open > 1 || (open === 1 && attempts.at(-1)?.outcome !== 'running'))
      violations.add('attempts are closed', `${id} has ${open} at once`)
    if (open === 1 && phase.name !== 'assigned' && phase.name !== 'working')
      violations.add('attempts are closed', `${id} is ${phase.name}, and one is open`)
    if (phase.name === 'waiting' || phase.name === 'proposed' || phase.name === 'cancelled')
      continue
    for (const other of dependsOn.filter((each) => !returned.has(each))) {
      const name = state.tasks.get(other)?.phase.name
      if (name !== 'merged' && name !== 'done' && phase.name !== 'done')
        violations.add('dependencies first', `${id} began before ${other} was done`)
    }
  }
}

/** Somewhat less than a day: a clock that is set back moves the times closer together. */
const almostADayMs = 22 * 3_600_000

/** An instance knows the secrets that it was given, and its own reports bring it few new ones. */
function checkDisclosures({ credentials, instances, policy }: State, violations: Violations): void {
  if (policy.credentials === 'gateway') return
  for (const { id, leases, disclosures } of credentials.values())
    for (const holder of leases)
      if (!disclosures.some(({ instance }) => instance === holder))
        violations.add('few secrets', `${holder} holds ${id}, and that is not recorded`)
  const all = [...credentials.values()].flatMap(({ disclosures }) => disclosures)
  for (const id of instances.keys()) {
    const times = all.flatMap(({ instance, cause, at }) =>
      instance === id && cause === 'report' ? [at] : [],
    )
    const crowded = times.some(
      (end) => times.filter((at) => at <= end && at > end - almostADayMs).length > 2,
    )
    if (crowded) violations.add('few secrets', `${id} got ${times.length} on its own reports`)
  }
}

/**
 * So long nothing takes that has no deadline of its own, since its command has one in the adapter
 * that carries it out.
 */
const patienceMs = 30 * 60_000
/** Five tries to save the work of an instance out of service are over by then. */
const savingMs = 10 * 60_000
/** A step of a rotation ends after `placeMs` at the latest. */
const rotationMs = 60_000

const interruptionMs = 5 * 60_000
/**
 * Runs of the checks that a merge may wait for: two rounds while the target moves, one that nothing
 * else can disturb, and one on the branch without the work.
 */
const mostCheckRuns = 4

/** A start whose workspace has moved on within its limit is not ended for being late. */
export function checkStarts(
  before: State,
  after: State,
  at: Instant,
  violations: Violations,
): void {
  for (const { id, phase, failures } of before.instances.values()) {
    if (phase.name !== 'starting' || phase.lastProgress === null) continue
    const silentMs = at - phase.lastProgress
    const now = after.instances.get(id)
    // A clock that is set back takes the times of earlier failures along.
    const hasFailed = now?.phase.name !== 'starting' && now?.failures.at(-1) !== failures.at(-1)
    if (hasFailed && silentMs < before.policy.startTimeoutMs)
      violations.add(
        'slow starts are no failures',
        `${id} failed ${silentMs} ms after the last progress of its workspace`,
      )
  }
}

/**
 * A worker's start takes its turn: that of the Manager is over, and so are those of other workers.
 * The Manager's own start waits for nothing: it may begin behind one that began with it.
 */
export function checkStartQueue(
  { instances: before }: State,
  { instances, policy }: State,
  violations: Violations,
): void {
  if (before === instances || instances.size <= policy.startsAtOnce) return
  const isNew = ({ id, launch }: Instance): boolean => launch !== (before.get(id)?.launch ?? 0)
  const busy = [...instances.values()].filter(
    ({ phase }) => phase.name === 'starting' && !phase.isProbed && phase.lastProgress === null,
  )
  const [managers, workers] = [
    busy.filter(({ role }) => role === 'manager'),
    busy.filter(({ role }) => role !== 'manager'),
  ]
  if (!workers.some(isNew)) return
  const hasManager = managers.some((manager) => !isNew(manager))
  if (hasManager || workers.length > policy.startsAtOnce)
    violations.add('starts take turns', `${busy.map(({ id }) => id).join(', ')} start at once`)
}

/** `calmSince`: since when the server has lived and the clock has only ticked. */
export function checkWaiting(
  { run, lines, tasks, merges, instances, policy }: State,
  at: Instant,
  calmSince: Instant,
  violations: Violations,
): void {
  const isOverdue = (since: Instant, ms = patienceMs): boolean =>
    at - Math.max(since, calmSince) > ms
  for (const line of lines.values()) {
    for (const name of syncNames) {
      const sync = line[name]
      if (sync.name === 'running' && isOverdue(sync.since))
        violations.add('nothing waits for ever', `${line.id}/${name} has been running for ever`)
    }
  }
  for (const { line, task, phase } of merges)
    if (
      phase.name === 'held' &&
      phase.waitsFor.kind === 'branch' &&
      lines.get(line)?.base?.name !== 'failed'
    )
      violations.add('nothing waits for ever', `${task} waits for a branch that passes`)
  // A line whose origin was rewritten waits for a person; held work for one or for its branch.
  const held = new Set(merges.flatMap(({ task, phase }) => (phase.name === 'held' ? [task] : [])))
  for (const { id, line, phase } of tasks.values())
    if (
      phase.name === 'merging' &&
      isOverdue(phase.since, mostCheckRuns * policy.checksTimeoutMs + patienceMs) &&
      !lines.get(line)?.rewrite &&
      !held.has(id)
    )
      violations.add('nothing waits for ever', `${id} has been merging for ever`)
  for (const { id, phase, task, rotation } of instances.values()) {
    if (rotation !== null && isOverdue(rotation.since, rotationMs) && !isRunOver(run))
      violations.add(
        'rotations end',
        `${id} waits for ${rotation.credential} for ever: ${rotation.step}`,
      )
    if (phase.name === 'interrupting' && isOverdue(phase.since, interruptionMs))
      violations.add('nothing waits for ever', `the turn of ${id} is interrupted for ever`)
    const isBusy = phase.name === 'working' && phase.busy !== null && !isRunOver(run)
    if (isBusy && isOverdue(phase.lastHeartbeat, policy.busyMs + patienceMs))
      violations.add('nothing waits for ever', `${id} has been busy for ever`)
    if (phase.name === 'queued' && isOverdue(phase.since) && !isRunOver(run))
      violations.add('nothing waits for ever', `${id} waits for ever for its start`)
    const startMs = timeouts.preparationMs + patienceMs
    if (phase.name === 'starting' && isOverdue(phase.since, startMs) && !isRunOver(run))
      violations.add('nothing waits for ever', `${id} has been starting for ever`)
    if (phase.name === 'stopping' && isOverdue(phase.since))
      violations.add('nothing waits for ever', `${id} has been stopping for ever`)
    if (phase.name === 'quarantined' && task !== null && isOverdue(phase.since, savingMs))
      violations.add('nothing waits for ever', `${id} is out of service and keeps ${task}`)
    if (phase.name === 'ready' && task !== null && isOverdue(phase.since))
      violations.add(
        'nothing waits for ever',
        `${id} is ready and holds ${task}, and gets no prompt`,
      )
  }
}
