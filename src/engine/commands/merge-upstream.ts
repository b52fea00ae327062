import type { LineId } from '../../core/model/ids.ts'
import type { RewriteAnswer } from '../../core/model/rewrite.ts'
import { type ListRevision, listEdits } from '../../core/text/task-list-diff.ts'
import { directionPath } from '../../core/text/direction.ts'
import { taskListWorker } from '../../core/text/task-list.ts'
import type {
  ListTexts,
  Repository,
  RepositoryOf,
  UpstreamOutcome,
} from '../../ports/repository.ts'
import type { ParseTaskList } from '../../ports/task-lists.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { InHub } from './merge-task.ts'

export interface UpstreamParts {
  readonly repositoryOf: RepositoryOf
  readonly parseTaskList: ParseTaskList
  /** False when the event is not durable yet, or was dropped. */
  readonly dispatch: (event: NewEvent) => boolean
  readonly inHub: InHub
}

/**
 * Merges what others pushed to the target branch of a line's origin. Their edits of the task lists
 * become events. Only when these events are durable does the hub mark the edits as read; otherwise
 * the next merge reports them again. The hub is free while they are fetched.
 */
export async function mergeUpstream(
  { line, answer }: { readonly line: LineId; readonly answer?: RewriteAnswer },
  { repositoryOf, parseTaskList, dispatch, inHub }: UpstreamParts,
): Promise<void> {
  const repository = repositoryOf(line)
  await repository.mergeUpstream(answer, (job) =>
    // The events of the hub come in the order of its changes.
    inHub(line, async () => {
      const outcome = await job()
      const events = await eventsOf({ line, answer }, outcome, repository, parseTaskList)
      const areDurable = events.map((event) => dispatch(event)).every(Boolean)
      if (areDurable && 'taskLists' in outcome && Object.keys(outcome.taskLists).length > 0)
        await repository.settleUpstream()
      return outcome
    }),
  )
}

async function eventsOf(
  { line, answer }: { readonly line: LineId; readonly answer?: RewriteAnswer | undefined },
  outcome: UpstreamOutcome,
  repository: Repository,
  parse: ParseTaskList,
): Promise<readonly NewEvent[]> {
  switch (outcome.type) {
    case 'unchanged':
      return [{ type: 'upstream-merged', line, head: await repository.head() }]
    case 'conflict': {
      const { commit, paths } = outcome
      const conflict = { type: 'upstream-conflicted', line, commit } as const
      return [
        ...editEvents(line, outcome.taskLists, parse),
        { ...conflict, paths: paths.slice(0, mostPaths) },
      ]
    }
    case 'rewritten': {
      const { before, after } = outcome
      return [{ type: 'upstream-rewritten', line, before, after }]
    }
    case 'followed': {
      if (answer === undefined) throw new Error('a rewritten origin was followed without an answer')
      const { before, after } = answer
      return [{ ...outcome, type: 'origin-followed', line, before, after }]
    }
    case 'merged':
      return [
        ...editEvents(line, outcome.taskLists, parse),
        { type: 'upstream-merged', line, head: outcome.commit },
      ]
  }
}

/** A brief names so many files; git shows the rest. */
const mostPaths = 100

function editEvents(line: LineId, lists: ListTexts, parse: ParseTaskList): readonly NewEvent[] {
  const { edits, problems } = readEdits(lists, parse)
  return [
    ...(directionPath in lists ? [{ type: 'direction-changed', line } as const] : []),
    ...(edits.length + problems.length === 0
      ? []
      : [{ type: 'lists-edited', line, edits, problems } as const]),
  ]
}

function readEdits(lists: ListTexts, parse: ParseTaskList) {
  const problems: string[] = []
  const revisions = Object.entries(lists).flatMap(([path, { before, after }]): ListRevision[] => {
    const worker = taskListWorker(path)
    if (worker === null) return []
    if (after === null) {
      problems.push(unreadable(path))
      return []
    }
    const now = parse(after)
    problems.push(...now.problems.map((problem) => `${path}: ${problem}`))
    const isDeleted = after.trim() === ''
    return [{ worker, before: parse(before ?? '').tasks, after: now.tasks, isDeleted }]
  })
  return { edits: listEdits(revisions), problems }
}

const unreadable = (path: string): string =>
  `${path} is larger than 1 MiB or no regular file, so it was not read and no task has changed: ` +
  'the server writes it again.'
