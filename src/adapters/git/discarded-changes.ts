import { Commit } from '../../core/model/ids.ts'
import type { Git } from './git.ts'
import { branchRef, commonAncestor, contains, treeOf } from './refs.ts'
import { compareTrees, isTaskList } from './tree.ts'

/**
 * Examines the merges that a worker made on its branch. A path that the target had changed, and
 * that reads in the merge exactly as on the worker's side, has lost the target's change: `git
 * checkout --ours`, `-X ours` and `-s ours` do that silently. A path that a later commit restored
 * does not count.
 */
export async function discardedBy(
  git: Git,
  target: string,
  commit: Commit,
): Promise<readonly string[]> {
  const { text } = await git([
    'rev-list',
    '--parents',
    '--boundary',
    commit,
    `^${branchRef(target)}`,
  ])
  const merges = text.split('\n').map((line) => line.split(' ').map(Commit))
  const dropped = new Set<string>()
  for (const [merge, ...parents] of merges) {
    if (merge === undefined || merge.startsWith('-') || parents.length < 2) continue
    for (const theirs of parents) {
      if (!(await contains(git, Commit(branchRef(target)), theirs))) continue
      for (const mine of parents)
        if (mine !== theirs)
          for (const path of await takenWhole(git, { merge, mine, theirs, tip: commit }))
            dropped.add(path)
    }
  }
  return [...dropped].toSorted()
}

/** Paths that `theirs` changed and for which the merge kept the other side's version. */
async function takenWhole(
  git: Git,
  { merge, mine, theirs, tip }: Record<'merge' | 'mine' | 'theirs' | 'tip', Commit>,
): Promise<readonly string[]> {
  const base = await commonAncestor(git, mine, theirs)
  if (base === null) return []
  const differing = async (one: Commit, other: Commit): Promise<ReadonlySet<string>> => {
    const [before, after] = await Promise.all([treeOf(git, one), treeOf(git, other)])
    return new Set((await compareTrees(git, before, after)).map(({ path }) => path))
  }
  const changed = await differing(base, theirs)
  const lost = await differing(theirs, merge)
  const own = await differing(mine, merge)
  const mended = await differing(merge, tip)
  return [...changed].filter(
    (path) => lost.has(path) && !own.has(path) && !mended.has(path) && !isTaskList(path),
  )
}
