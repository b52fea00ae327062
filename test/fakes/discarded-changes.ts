import type { Commit } from '../../src/core/model/ids.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { CommitGraph } from './commit-graph.ts'

/**
 * Which changes of the target each commit of a worker lacks although they are in its history. It
 * is recorded when the worker rewrites or merges its branch, never found by a comparison.
 */
export class DiscardedChanges {
  readonly #lacking = new Map<Commit, ReadonlySet<string>>()
  readonly #graph: CommitGraph

  constructor(graph: CommitGraph) {
    this.#graph = graph
  }

  /** The commit continues one that the worker has, and settles these paths. */
  continue(commit: Commit, from: Commit, settled: readonly string[]): void {
    const left = [...this.of(from)].filter((path) => !settled.includes(path))
    this.#lacking.set(commit, new Set(left))
  }

  /** The commit brings these paths back to what they were. */
  discard(commit: Commit, paths: readonly string[]): void {
    const lists = paths.filter((path) => taskListWorker(path) === null)
    this.#lacking.set(commit, new Set([...this.of(commit), ...lists]))
  }

  /**
   * The commit has its own side of these conflicts: what others did there is left out. It is named
   * by the path that the file has at the others.
   */
  leaveOut(
    commit: Commit,
    conflicts: readonly string[],
    { from, head }: { readonly from: Commit; readonly head: Commit },
  ): void {
    const { look, commonAncestor, renames } = this.#graph
    const [base, theirs, own] = [commonAncestor(from, head), head, commit].map(
      (one) => look(one).tree,
    )
    const paths = conflicts.map((path) =>
      theirs?.has(path) || !theirs?.has(renames.get(path) ?? '') ? path : (renames.get(path) ?? ''),
    )
    const isTheirs = (path: string): boolean =>
      base?.get(path) !== theirs?.get(path) && theirs?.get(path) !== own?.get(path)
    this.discard(commit, paths.filter(isTheirs))
  }

  of(commit: Commit): ReadonlySet<string> {
    return this.#lacking.get(commit) ?? new Set()
  }

  /** Paths that the target's line changed since a commit left it. */
  changedSince(commit: Commit, head: Commit): readonly string[] {
    const { look, lineBetween } = this.#graph
    const paths = [...look(head).tree.keys(), ...look(commit).tree.keys()]
    const landed = lineBetween(head, commit)
    return [...new Set(paths)].filter((path) =>
      landed.some((each) => this.#graph.touches(each, [path])),
    )
  }
}
