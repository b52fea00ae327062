import { mergeTrees } from '../objects/merged-tree.ts'
import { Commit, TaskId } from '../../../core/model/ids.ts'
import type { MergeOrder, MergeOutcome, OwnChanges } from '../../../ports/repository.ts'
import type { Change, WriteDraft } from '../objects/commit-builder.ts'
import { type Git, LimitExceeded } from '../command/git.ts'
import { firstPaths } from '../objects/paths.ts'
import { removedIn } from '../history/former-history.ts'
import { findProtected } from '../protect/protected-changes.ts'
import type { IsProtected } from '../protect/protected-paths.ts'
import {
  branchRef,
  commonAncestor,
  contains,
  moveRef,
  parentsOf,
  resolveRef,
  treeOf,
} from '../objects/refs.ts'
import { readTips } from '../history/tips.ts'
import { compareTrees, isTaskList, restoreTaskLists } from '../objects/tree.ts'

/**
 * Builds the merge of a task as a commit beside the target, without an index or a working tree: no
 * filter, driver or hook can affect it.
 */
export async function tryMerge(
  git: Git,
  target: string,
  write: WriteDraft,
  order: MergeOrder,
  isProtected: IsProtected | null,
): Promise<MergeOutcome> {
  const { head, accepted, formers } = await readTips(git, target)
  const [former] = formers
  if (former !== undefined && (await removedIn(git, head, order.commit, former)).length > 0)
    return { type: 'removed', former: former.former }
  const merged = await mergeWithin(git, head, order.commit)
  const isOwn = (path: string): boolean => isTaskList(path) || Object.hasOwn(order.ownFiles, path)
  const paths = merged.conflicts.filter((path) => !isOwn(path))
  if (paths.length > 0)
    return { type: 'conflict', paths, tasks: await tasksThatTouched(git, order, head, paths) }
  const differences = await compareTrees(git, await treeOf(git, head), merged.tree)
  // A commit that changes nothing is merged as well, so that every reported commit is reachable
  // from the target.
  if (differences.every(({ path }) => isOwn(path)) && (await contains(git, head, order.commit)))
    return { type: 'contained' }
  const commit = await write({
    name: `task/${order.task}`,
    parents: [head, order.commit],
    tree: merged.tree,
    changes: [...restoreTaskLists(differences), ...writes(order.ownFiles)],
    message: order.message,
  })
  const candidate = { base: head, candidate: commit, origin: accepted }
  const work = await findProtected(git, isProtected, candidate)
  return { type: 'candidate', commit, base: head, protected: work }
}

/**
 * Throws for anything but a merge onto `base`, which would be a bug: a landed merge contains all of
 * the target and all of the task.
 */
export async function land(
  git: Git,
  target: string,
  commit: Commit,
  base: Commit,
): Promise<boolean> {
  const parents = await parentsOf(git, commit)
  if (parents.length !== 2 || parents[0] !== base)
    throw new Error(`${commit} is not a merge onto ${base}: it must not land on ${target}`)
  return moveRef(git, branchRef(target), commit, base)
}

/** Whether two commits differ in task lists at most. */
export async function isSameWork(git: Git, one: Commit, other: Commit): Promise<boolean> {
  const differences = await compareTrees(git, await treeOf(git, one), await treeOf(git, other))
  return differences.every(({ path }) => isTaskList(path))
}

/**
 * Finds the merge on the target's own line that carries the task's trailer and brought the commit.
 * Usually the commit is not contained, as `takeIn` found out: that costs no process.
 */
export async function findLanded(
  git: Git,
  target: string,
  task: TaskId,
  commit: Commit,
): Promise<Commit | null> {
  const head = await resolveRef(git, branchRef(target))
  if (!(await contains(git, head, commit))) return null
  const { text } = await git([
    'log',
    '--first-parent',
    '--merges',
    `--format=%H %P %x00${taskTrailer}%x00`,
    `${commit}..${head}`,
  ])
  for (const [, ids = '', trailer] of text.matchAll(/^([0-9a-f ]+)\0([^\0]*)\0$/gm)) {
    const [merge, first, second] = ids.split(' ').map(Commit)
    if (trailer !== task || !merge || !first || !second) continue
    if ((await contains(git, second, commit)) && !(await contains(git, first, commit))) return merge
  }
  return null
}

export async function headAndTree(
  git: Git,
  target: string,
): Promise<{ head: Commit; tree: string }> {
  const head = await resolveRef(git, branchRef(target))
  return { head, tree: await treeOf(git, head) }
}

/**
 * Where git cannot merge within the limits of the hub, all that both sides changed is in conflict:
 * the worker merges it in its workspace, with what that has.
 */
async function mergeWithin(git: Git, ours: Commit, theirs: Commit) {
  try {
    return await mergeTrees(git, ours, theirs)
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error
    return { tree: '', conflicts: await changedByBoth(git, ours, theirs) }
  }
}

/** Never empty: all that one side changed where the other changed other files. */
async function changedByBoth(git: Git, ours: Commit, theirs: Commit): Promise<readonly string[]> {
  const base = await commonAncestor(git, ours, theirs)
  const [own = [], other = []] = await Promise.all(
    [ours, theirs].map(async (side) => {
      const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', base ?? ours, side]
      return (await git(args)).text.split('\0').filter((path) => path !== '')
    }),
  )
  const known = new Set(own)
  const both = other.filter((path) => known.has(path))
  return both.length > 0 ? both : other
}

export function writes(files: OwnChanges): readonly Change[] {
  return Object.entries(files).map(([path, text]) =>
    text === null ? { type: 'delete', path } : { type: 'write', path, text },
  )
}

/**
 * Finds other tasks that landed after this one left the target and that changed one of the paths,
 * or of the first ones where there are many.
 * The range begins at the common ancestor itself: from the task's commit, git would drop merges
 * whose first parent is that ancestor.
 */
async function tasksThatTouched(
  git: Git,
  order: MergeOrder,
  head: Commit,
  paths: readonly string[],
): Promise<readonly TaskId[]> {
  const named = firstPaths(paths)
  if (named.length === 0) return []
  const left = (await commonAncestor(git, head, order.commit)) ?? order.commit
  const { text } = await git([
    'log',
    '--first-parent',
    `--format=${taskTrailer}`,
    `${left}..${head}`,
    '--',
    ...named,
  ])
  const tasks = text.split(/[\n,]/).filter((task) => task !== '' && task !== order.task)
  return [...new Set(tasks)].map(TaskId)
}

/** For `--format`: the tasks that a commit names in its trailers. */
export const taskTrailer = '%(trailers:key=Task,valueonly,separator=%x2C)'
