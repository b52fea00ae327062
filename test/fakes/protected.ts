import type { Commit } from '../../src/core/model/ids.ts'
import { type ProtectedWork, shownPaths } from '../../src/core/model/protected.ts'
import type { CommitGraph } from './commit-graph.ts'
import { taskOf } from './snapshot.ts'

/** What the fake repository protects. */
export const isProtected = (path: string): boolean =>
  path.startsWith('.github/') || path === 'PROJECT_DIRECTION.md'

/** What a candidate changes in protected paths; changes of the origin's people are not the task's. */
export function findProtected(
  { look, commonAncestor }: CommitGraph,
  base: Commit,
  candidate: Commit,
  origin: Commit,
): ProtectedWork | null {
  const [before, after] = [look(base).tree, look(candidate).tree]
  const [left, theirs] = [look(commonAncestor(base, origin)).tree, look(origin).tree]
  const changed = [...new Set([...before.keys(), ...after.keys()])].toSorted().filter((path) => {
    if (!isProtected(path) || before.get(path) === after.get(path)) return false
    return left.get(path) === theirs.get(path) || theirs.get(path) !== after.get(path)
  })
  if (changed.length === 0) return null
  const content = JSON.stringify(changed.map((path) => [path, before.get(path), after.get(path)]))
  const paths = changed.slice(0, shownPaths)
  return { content, paths, count: changed.length, base, candidate, origin }
}

export const describeProtected = (
  { look }: CommitGraph,
  { paths, base, candidate }: ProtectedWork,
) =>
  paths
    .map((path) => {
      const [before, after] = [base, candidate].map((one) => look(one).tree.get(path) ?? '')
      return `${path}:\n-${before}\n+${after}`
    })
    .join('\n')

/** A change in protected paths that is on the target. */
export interface Landing {
  readonly task: string
  /** The change, beside what the origin has, and beside each push of a person that it brought. */
  readonly contents: readonly string[]
}

/**
 * What a merge that has landed changed. What it brought of people's pushes is not the task's, also
 * where they have changed it again since, or took it back and were answered that it stays.
 */
export function landingOf(
  graph: CommitGraph,
  base: Commit,
  merge: Commit,
  origin: Commit,
  isPushed: (commit: Commit) => boolean,
): readonly Landing[] {
  const known = graph.historyOf(base)
  const theirs = [...graph.historyOf(merge)].filter((one) => isPushed(one) && !known.has(one))
  const works = [origin, ...theirs].map((one) => findProtected(graph, base, merge, one))
  if (works.includes(null)) return []
  const contents = works.flatMap((work) => work?.content ?? [])
  return [{ task: String(taskOf(graph.look(merge).message)), contents }]
}
