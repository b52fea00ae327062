import type { Commit } from '../../src/core/model/ids.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { Tree } from './three-way.ts'

interface History {
  readonly historyOf: (commit: Commit) => ReadonlySet<Commit>
  readonly commonAncestor: (one: Commit, other: Commit) => Commit
  readonly look: (commit: Commit) => { readonly tree: Tree; readonly parents: readonly Commit[] }
}

/** Paths in which the merges between the target and a commit took the worker's version whole. */
export function droppedBy(
  commit: Commit,
  head: Commit,
  { historyOf, commonAncestor, look }: History,
): readonly string[] {
  const known = historyOf(head)
  const merges = [...historyOf(commit)].filter(
    (each) => !known.has(each) && look(each).parents.length === 2,
  )
  return merges.flatMap((each) => {
    const [mine, theirs] = look(each).parents
    if (mine === undefined || theirs === undefined || !known.has(theirs)) return []
    const [before, here, there, merged, last] = [
      commonAncestor(mine, theirs),
      mine,
      theirs,
      each,
      commit,
    ].map((one) => look(one).tree)
    return [...(there?.keys() ?? [])].filter((path) => {
      const [was, own, other, now, tip] = [before, here, there, merged, last].map((tree) =>
        tree?.get(path),
      )
      return (
        other !== was &&
        now === own &&
        now !== other &&
        tip === now &&
        taskListWorker(path) === null
      )
    })
  })
}
