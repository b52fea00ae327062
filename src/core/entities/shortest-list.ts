import type { Draft } from '../model/draft.ts'
import { type InstanceId, workerId } from '../model/ids.ts'
import { teamOf } from '../model/roles.ts'
import type { State } from '../model/state.ts'
import { unfinishedOf } from '../model/task-groups.ts'
import { markOutOfSync } from './sync.ts'

/** The worker with the fewest unfinished tasks. */
export function shortestList({ policy, tasks }: State): InstanceId {
  const workers = Array.from({ length: policy.workerCount }, (_, index) => workerId(index + 1))
  const lengthOf = (worker: InstanceId): number => tasks.countIn(unfinishedOf(worker))
  return workers.reduce((shortest, other) =>
    lengthOf(other) < lengthOf(shortest) ? other : shortest,
  )
}

/**
 * Tasks that are not over move to the lists of the team, one after the other to the shortest: on
 * the list of a worker that is gone, no person and no worker would look for them. Every decision
 * checks this, because a task gets there in several ways: the team shrinks, a cancelled task is
 * planned again, merged work comes back. A task that its worker still holds, or that waits to be
 * merged, moves too; it begins there if it comes back.
 */
export function moveTasksOfOthers(draft: Draft): void {
  const team = new Set(teamOf(draft.state.policy).map(({ id }) => id))
  for (const worker of draft.state.instances.keys()) {
    if (team.has(worker)) continue
    for (const { id, line } of draft.state.tasks.in(unfinishedOf(worker))) {
      draft.setTask(id, { assignee: shortestList(draft.state) })
      markOutOfSync(draft, line, 'lists')
    }
  }
}
