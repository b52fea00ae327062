import { type Commit, TaskId } from '../../src/core/model/ids.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { MergeOrder, MergeOutcome } from '../../src/ports/repository.ts'
import type { CommitGraph } from './commit-graph.ts'
import { findProtected } from './protected.ts'
import { taskOf } from './snapshot.ts'
import { edit, isSame, type Tree } from './three-way.ts'

/** Merges a task's commit into the target's head, as a candidate that has not landed. */
export function attemptMerge(
  graph: CommitGraph,
  head: Commit,
  origin: Commit,
  { task, commit, message, ownFiles }: MergeOrder,
): MergeOutcome {
  const { look, merge, historyOf, lineBetween, touches, write } = graph
  const ours = look(head).tree
  const merged = merge(head, commit)
  const isOwn = (path: string): boolean =>
    taskListWorker(path) !== null || Object.hasOwn(ownFiles, path)
  const paths = merged.conflicts.filter((path) => !isOwn(path))
  if (paths.length > 0) {
    const others = lineBetween(head, commit).filter((landed) => touches(landed, paths))
    const tasks = others
      .map((landed) => taskOf(look(landed).message))
      .filter((other) => other !== null && other !== task)
    return {
      type: 'conflict',
      paths,
      tasks: [...new Set(tasks)].map((other) => TaskId(String(other))),
    }
  }
  const theirs = new Map([...merged.tree].filter(([path]) => !isOwn(path)))
  const kept = [...ours].filter(([path]) => isOwn(path))
  if (isSame(new Map([...theirs, ...kept]), ours) && historyOf(head).has(commit))
    return { type: 'contained' }
  const tree = new Map([...theirs, ...kept, ...Object.entries(ownFiles)])
  const candidate = write({ tree, parents: [head, commit], message })
  const work = findProtected(graph, head, candidate, origin)
  return { type: 'candidate', commit: candidate, base: head, protected: work }
}

/** The merged tree, in which a file in conflict has the lines of both sides. */
export function bothSides({ look, merge }: CommitGraph, ours: Commit, theirs: Commit): Tree {
  const { tree, conflicts } = merge(ours, theirs)
  const [mine, others] = [look(ours).tree, look(theirs).tree]
  return edit(
    tree,
    Object.fromEntries(
      conflicts.map((path) => {
        // Its former name on a side that has renamed it.
        if (!mine.has(path) && !others.has(path)) return [path, null]
        const lines = `${mine.get(path) ?? ''}${others.get(path) ?? ''}`.split('\n')
        return [path, [...new Set(lines)].join('\n')]
      }),
    ),
  )
}
