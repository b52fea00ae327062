import { lineMergedBy } from '../core/entities/origin-conflict.ts'
import type { State } from '../core/model/state.ts'
import type { Task } from '../core/model/task.ts'
import type { IncomingWork } from '../ports/repository.ts'
import { lackingOrigin } from './origin-merge.ts'
import { rejectDiscarded } from './reject-discarded.ts'

/** What a report lacks or undoes, before it enters the hub; null when it may. */
export async function objectionTo(
  work: IncomingWork,
  task: Task,
  state: State,
): Promise<string | null> {
  const lacking = await lackingOrigin(task, work, state)
  if (lacking !== null) return lacking
  const { base, replaces } = task
  const earlier = [...work.earlier, ...(task.commit === null ? [] : [task.commit])]
  const origin = lineMergedBy(state, task.id)?.conflict?.commit ?? null
  const found = await work.discardedBy({ commit: work.commit, base, earlier, origin })
  const discarded = found.filter((path) => !replaces.some((named) => covers(named, path)))
  if (discarded.length > 0) {
    const branch = state.lines.get(task.line)?.branch ?? ''
    return rejectDiscarded(discarded, branch, origin !== null)
  }
  return null
}

/** Whether a named path is this path or a directory above it. */
const covers = (named: string, path: string): boolean =>
  named === path || (named.endsWith('/') && path.startsWith(named))
