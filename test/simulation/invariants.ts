import type { InstanceId, TaskId } from '../../src/core/ids.ts'
import type { State } from '../../src/core/state.ts'

/** What must be true after every single decision, and is not. */
export function violationsIn(state: State): readonly string[] {
  const violations: string[] = []
  const holders = new Map<TaskId, InstanceId>()
  for (const { id, task } of state.instances.values()) {
    if (task === null) continue
    const other = holders.get(task)
    if (other !== undefined) violations.push(`${task} is held by ${other} and ${id}`)
    holders.set(task, id)
  }
  for (const { id, capacity, leases } of state.credentials.values()) {
    if (leases.length > capacity) violations.push(`${id} is leased ${leases.length} times, it may be ${capacity} times`)
  }
  for (const { id, phase, dependsOn } of state.tasks.values()) {
    const hasBegun = phase.name !== 'waiting' && phase.name !== 'proposed' && phase.name !== 'cancelled'
    const early = dependsOn.find((other) => state.tasks.get(other)?.phase.name !== 'merged')
    if (hasBegun && early !== undefined) violations.push(`${id} began before ${early} was merged`)
  }
  return violations
}
