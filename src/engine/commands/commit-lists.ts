import type { Commit, LineId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { renderTaskLists } from '../../core/text/task-list.ts'
import type { Repository } from '../../ports/repository.ts'

/**
 * Writes the task lists of the run onto the target. Lists of workers that the run does not have, of
 * an earlier run for example, are removed: their items would be taken for tasks of this one.
 */
export async function commitLists(
  repository: Pick<Repository, 'taskLists' | 'commitFiles'>,
  state: State,
  line: LineId,
): Promise<Commit> {
  const known = Object.keys(await repository.taskLists()).map((path) => [path, null] as const)
  const lists = { ...Object.fromEntries(known), ...renderTaskLists(state, line, null) }
  return repository.commitFiles(lists, 'Update the task lists')
}
