import { lineMergedBy } from '../core/entities/origin-conflict.ts'
import type { State } from '../core/model/state.ts'
import type { Task } from '../core/model/task.ts'
import { lacksOrigin, type Sides } from '../core/text/origin-merge.ts'
import type { IncomingWork, RepositoryOf } from '../ports/repository.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'

interface OriginMergeParts {
  readonly dispatcher: Dispatcher
  readonly repositoryOf: RepositoryOf
}

/** Bytes of a brief for each side; git in the workspace shows the rest. */
const sideLimit = 3_000

/** What others and the run did to the files in conflict; null for any other task. */
export async function sidesOf(
  { id, line }: Task,
  { dispatcher, repositoryOf }: OriginMergeParts,
): Promise<Sides | null> {
  const conflict = lineMergedBy(dispatcher.state, id)?.conflict ?? null
  if (conflict === null) return null
  const [repository, limit] = [repositoryOf(line), sideLimit]
  return {
    theirs: await repository.describeUpstream(conflict.paths, limit),
    ours: await repository.describeChanges(conflict.commit, conflict.paths, limit),
  }
}

/** Why a merge of what others pushed is not one; null when it is, and for any other task. */
export async function lackingOrigin(
  { id }: Task,
  work: IncomingWork,
  state: State,
): Promise<string | null> {
  const merged = lineMergedBy(state, id)
  if (!merged?.conflict) return null
  const isMerged = await work.includes(work.commit, merged.conflict.commit)
  return isMerged ? null : lacksOrigin(merged.branch, merged.conflict.commit)
}
