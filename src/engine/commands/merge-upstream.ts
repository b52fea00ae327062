import type { LineId } from '../../core/model/ids.ts'
import { type ListRevision, listEdits } from '../../core/text/task-list-diff.ts'
import { directionPath } from '../../core/text/direction.ts'
import { taskListWorker } from '../../core/text/task-list.ts'
import type { Repository, RepositoryOf, UpstreamOutcome } from '../../ports/repository.ts'
import type { ParseTaskList } from '../../ports/task-lists.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'

export interface UpstreamParts {
  readonly repositoryOf: RepositoryOf
  readonly parseTaskList: ParseTaskList
  readonly dispatch: (event: NewEvent) => void
}

/**
 * Merges what others pushed to the target branch of a line's origin. Their edits of the task lists become
 * events. Only after the server has accepted these events does the hub mark the edits as read.
 */
export async function mergeUpstream(
  line: LineId,
  { repositoryOf, parseTaskList, dispatch }: UpstreamParts,
): Promise<void> {
  const repository = repositoryOf(line)
  const outcome = await repository.mergeUpstream()
  const events = await eventsOf(line, outcome, repository, parseTaskList)
  for (const event of events) dispatch(event)
  if (outcome.type === 'merged' && Object.keys(outcome.taskLists).length > 0)
    await repository.settleUpstream()
}

async function eventsOf(
  line: LineId,
  outcome: UpstreamOutcome,
  repository: Repository,
  parse: ParseTaskList,
): Promise<readonly NewEvent[]> {
  switch (outcome.type) {
    case 'unchanged':
      return [{ type: 'upstream-merged', line, head: await repository.head() }]
    case 'conflict': {
      const paths = outcome.paths.join(', ')
      const reason =
        `commits pushed to the origin conflict with the run's work in ${paths}: ` +
        'merge them by hand and push'
      return [{ type: 'upstream-failed', line, reason }]
    }
    case 'merged': {
      const merged: NewEvent = { type: 'upstream-merged', line, head: outcome.commit }
      const { edits, problems } = readEdits(outcome.taskLists, parse)
      return [
        ...(directionPath in outcome.taskLists
          ? [{ type: 'direction-changed', line } as const]
          : []),
        ...(edits.length + problems.length === 0
          ? []
          : [{ type: 'lists-edited', line, edits, problems } as const]),
        merged,
      ]
    }
  }
}

function readEdits(
  lists: Extract<UpstreamOutcome, { type: 'merged' }>['taskLists'],
  parse: ParseTaskList,
) {
  const problems: string[] = []
  const revisions = Object.entries(lists).flatMap(([path, { before, after }]): ListRevision[] => {
    const worker = taskListWorker(path)
    if (worker === null) return []
    const now = parse(after)
    problems.push(...now.problems.map((problem) => `${path}: ${problem}`))
    return [{ worker, before: parse(before).tasks, after: now.tasks }]
  })
  return { edits: listEdits(revisions), problems }
}
