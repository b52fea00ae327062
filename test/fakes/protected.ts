import type { Commit } from '../../src/core/model/ids.ts'
import { type ProtectedWork, shownPaths } from '../../src/core/model/protected.ts'
import type { CommitGraph } from './commit-graph.ts'
import { taskOf } from './snapshot.ts'

/** What the fake repository protects. */
export const isProtected = (path: string): boolean =>
  path.startsWith('.github/') || path === 'PROJECT_DIRECTION.md'

/**
 * What a candidate changes in protected paths; changes of the origin's people are not the task's.
 */
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

/** A file before and after; nothing where there is none. */
export type FileChange = readonly [path: string, before?: string | null, after?: string | null]

/** What a merge that has landed changed in protected paths. */
export interface Landing {
  readonly task: string
  readonly changes: readonly FileChange[]
}

/**
 * What it brought of people's pushes is not the task's, also where they have changed it again
 * since, or took it back and were answered that it stays.
 */
export function landingOf(
  graph: CommitGraph,
  base: Commit,
  merge: Commit,
  origin: Commit,
  isPushed: (commit: Commit) => boolean,
): Landing {
  const known = graph.historyOf(base)
  const pushes = [...graph.historyOf(merge)].filter((one) => isPushed(one) && !known.has(one))
  const isNewest = (one: Commit): boolean =>
    pushes.every((other) => other === one || !graph.historyOf(other).has(one))
  const views = [origin, ...pushes.filter(isNewest)].map((one) =>
    changesIn(findProtected(graph, base, merge, one)?.content ?? '[]'),
  )
  const [first = [], ...others] = views
  const changes = first.filter(([path]) =>
    others.every((view) => view.some((change) => change[0] === path)),
  )
  return { task: String(taskOf(graph.look(merge).message)), changes }
}

/** What a person approves, as the fake names it. */
export const changesIn = (content: string): readonly FileChange[] =>
  JSON.parse(content) as readonly FileChange[]
