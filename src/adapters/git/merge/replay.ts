import { Commit, isTaskId, type TaskId } from '../../../core/model/ids.ts'
import type { RemovedMerge, ReplayedMerge, ReturnedMerge } from '../../../core/model/rewrite.ts'
import type { WriteDraft } from '../objects/commit-builder.ts'
import type { Git } from '../command/git.ts'
import { mergeTrees } from '../objects/merged-tree.ts'
import { taskTrailer } from './merge.ts'
import { treeOf } from '../objects/refs.ts'
import { compareTrees, isTaskList, restoreTaskLists } from '../objects/tree.ts'

/** A merge of a task on the target's own line. */
export interface TaskMerge {
  readonly task: TaskId
  readonly merge: Commit
  readonly first: Commit
  readonly work: Commit
}

export interface Replay {
  readonly head: Commit
  readonly replayed: readonly ReplayedMerge[]
  readonly returned: readonly ReturnedMerge[]
  readonly removed: readonly RemovedMerge[]
}

/** The merges of tasks on the line of `head` that the other histories lack, oldest first. */
export async function taskMerges(
  git: Git,
  head: Commit,
  others: readonly Commit[],
): Promise<readonly TaskMerge[]> {
  const { text } = await git([
    'log',
    '--first-parent',
    '--merges',
    '--reverse',
    `--format=%H %P %x00${taskTrailer}%x00`,
    head,
    ...others.map((other) => `^${other}`),
  ])
  return [...text.matchAll(/^([0-9a-f ]+) \0([^\0]*)\0$/gm)].flatMap(([, ids = '', task = '']) => {
    const [merge, first, work] = ids.split(' ').map(Commit)
    return merge && first && work && isTaskId(task) ? [{ task, merge, first, work }] : []
  })
}

/**
 * Applies what each merge changed against its first parent to `onto`, by content: the new commits
 * have no commit of the old history as a parent. A merge whose change conflicts is left out, and
 * so is one that brought commits of `removed`: what it changed cannot be separated from them.
 */
export async function replay(
  git: Git,
  write: WriteDraft,
  merges: readonly TaskMerge[],
  onto: Commit,
  removed: Commit,
): Promise<Replay> {
  let head = onto
  const replayed: ReplayedMerge[] = []
  const returned: ReturnedMerge[] = []
  const dropped: RemovedMerge[] = []
  for (const each of merges) {
    const { task, merge: from, work } = each
    if (await brings(git, each, removed)) {
      dropped.push({ task, from })
      continue
    }
    const outcome = await replayOne(git, write, each, head)
    if (typeof outcome === 'string') {
      replayed.push({ task, from, to: outcome, work })
      head = outcome
    } else returned.push({ task, from, work, paths: outcome.slice(0, mostPaths) })
  }
  return { head, replayed, returned, removed: dropped }
}

/** A brief names so many files; git shows the rest. */
const mostPaths = 100

/** The new merge, or the paths in conflict. */
async function replayOne(
  git: Git,
  write: WriteDraft,
  { task, merge, first }: TaskMerge,
  head: Commit,
): Promise<Commit | readonly string[]> {
  const { tree, conflicts } = await mergeFrom(git, first, head, merge)
  const paths = conflicts.filter((path) => !isTaskList(path))
  if (paths.length > 0) return paths
  const differences = await compareTrees(git, await treeOf(git, head), tree)
  const changes = restoreTaskLists(differences)
  const name = `replay/${task}`
  const work = await write({
    name,
    parents: [head],
    tree,
    changes,
    message: `Replay the work of ${task}\n`,
  })
  const { text: message } = await git(['log', '--max-count=1', '--format=%B', merge])
  return write({ name, parents: [head, work], tree: await treeOf(git, work), changes: [], message })
}

/**
 * Merges the trees of two commits as if they had parted at `base`. Git 2.38 has no option for that,
 * so the three trees become commits without a history of their own.
 */
async function mergeFrom(git: Git, base: Commit, ours: Commit, theirs: Commit) {
  const root = await commitTree(git, base)
  return mergeTrees(
    git,
    await commitTree(git, ours, '-p', root),
    await commitTree(git, theirs, '-p', root),
  )
}

async function commitTree(git: Git, of: Commit, ...parents: readonly string[]): Promise<Commit> {
  const { text } = await git(['commit-tree', ...parents, '-m', 'A tree to merge', `${of}^{tree}`], {
    config: ['user.name=hub', 'user.email=hub@localhost'],
  })
  return Commit(text)
}

/** Whether the merge brought commits of `history` that its line did not have. */
async function brings(git: Git, { merge, first }: TaskMerge, history: Commit): Promise<boolean> {
  const count = async (...range: readonly string[]): Promise<string> =>
    (await git(['rev-list', '--count', merge, `^${first}`, ...range])).text
  return (await count()) !== (await count(`^${history}`))
}
