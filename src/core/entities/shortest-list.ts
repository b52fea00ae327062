import { type InstanceId, workerId } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import { unfinishedOf } from '../model/task-groups.ts'

/** The worker with the fewest unfinished tasks. */
export function shortestList({ policy, tasks }: State): InstanceId {
  const workers = Array.from({ length: policy.workerCount }, (_, index) => workerId(index + 1))
  const lengthOf = (worker: InstanceId): number => tasks.countIn(unfinishedOf(worker))
  return workers.reduce((shortest, other) =>
    lengthOf(other) < lengthOf(shortest) ? other : shortest,
  )
}
