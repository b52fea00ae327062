import type { InstanceId, Instant, TaskId } from '../../src/core/model/ids.ts'
import { syncNames } from '../../src/core/model/line.ts'
import { isRunning } from '../../src/core/model/instance.ts'
import { isRunOver } from '../../src/core/model/run.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Violations } from './violation.ts'

/** What must be true after every single decision. */
export function checkState(state: State, violations: Violations): void {
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
  for (const { id, phase, rotation } of state.instances.values()) {
    const waits =
      (phase.name === 'rate-limited' && phase.wait === 'rotating') ||
      (phase.name === 'prompted' && phase.awaits === 'rotation')
    if (waits && rotation === null)
      violations.add('rotations end', `${id} waits for a rotation and has none`)
    if (rotation !== null && !isRunning(phase))
      violations.add('rotations end', `${id} is ${phase.name} and has a rotation`)
  }
  for (const { id, phase, dependsOn, attempts } of state.tasks.values()) {
    const open = attempts.filter(({ outcome }) => outcome === 'running').length
    if (open > 1 || (open === 1 && attempts.at(-1)?.outcome !== 'running'))
      violations.add('attempts are closed', `${id} has ${open} at once`)
    if (open === 1 && phase.name !== 'assigned' && phase.name !== 'working')
      violations.add('attempts are closed', `${id} is ${phase.name}, and one is open`)
    if (phase.name === 'waiting' || phase.name === 'proposed' || phase.name === 'cancelled')
      continue
    for (const other of dependsOn) {
      const name = state.tasks.get(other)?.phase.name
      if (name !== 'merged' && name !== 'done' && phase.name !== 'done')
        violations.add('dependencies first', `${id} began before ${other} was done`)
    }
  }
}

/** So long nothing takes that has no deadline of its own, since its command has one in the adapter that carries it out. */
const patienceMs = 30 * 60_000
/** Five tries to save the work of an instance out of service are over by then. */
const savingMs = 10 * 60_000
/** A step of a rotation ends after `placeMs` at the latest. */
const rotationMs = 60_000

/** `calmSince`: since when the server has lived and the clock has only ticked. */
export function checkWaiting(
  { run, lines, tasks, instances }: State,
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
  // A line whose origin was rewritten waits for a person.
  for (const { id, line, phase } of tasks.values())
    if (phase.name === 'merging' && isOverdue(phase.since) && !lines.get(line)?.rewrite)
      violations.add('nothing waits for ever', `${id} has been merging for ever`)
  for (const { id, phase, task, rotation } of instances.values()) {
    if (rotation !== null && isOverdue(rotation.since, rotationMs) && !isRunOver(run))
      violations.add(
        'rotations end',
        `${id} waits for ${rotation.credential} for ever: ${rotation.step}`,
      )
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
