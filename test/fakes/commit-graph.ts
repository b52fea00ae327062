import { Commit } from '../../src/core/model/ids.ts'
import type { Snapshot } from './snapshot.ts'
import { mergeRenamed } from './renames.ts'
import { type Edits, edit } from './three-way.ts'

/** Commits in memory with their parents. A commit has a greater name than its parents. */
export class CommitGraph {
  readonly #snapshots = new Map<Commit, Snapshot>()
  readonly #prefix: string
  /** Files that workers renamed: new path → former path. */
  readonly renames = new Map<string, string>()

  /** `prefix`: the first hexadecimal digit of every name, so that graphs share no commit. */
  constructor(prefix = '0') {
    this.#prefix = prefix
  }

  readonly write = (snapshot: Snapshot): Commit => {
    const commit = Commit(
      `${this.#prefix}${(this.#snapshots.size + 1).toString(16).padStart(39, '0')}`,
    )
    this.#snapshots.set(commit, snapshot)
    return commit
  }

  readonly has = (commit: Commit): boolean => this.#snapshots.has(commit)

  /** Throws for a commit that was never written. */
  readonly look = (commit: Commit): Snapshot => {
    const found = this.#snapshots.get(commit)
    if (!found) throw new Error(`there is no commit ${commit}`)
    return found
  }

  readonly commitEdits = (parent: Commit, edits: Edits, message: string): Commit =>
    this.write({ tree: edit(this.look(parent).tree, edits), parents: [parent], message })

  /** The commit and all before it. */
  readonly historyOf = (commit: Commit): Set<Commit> => {
    const seen = new Set<Commit>()
    const next = [commit]
    for (let current = next.pop(); current !== undefined; current = next.pop()) {
      if (!seen.has(current)) next.push(...this.look(current).parents)
      seen.add(current)
    }
    return seen
  }

  /** The greatest common ancestor by name, which is a best one. */
  readonly commonAncestor = (one: Commit, other: Commit): Commit => {
    const theirs = this.historyOf(other)
    const best = [...this.historyOf(one)]
      .filter((commit) => theirs.has(commit))
      .toSorted()
      .at(-1)
    if (best === undefined) throw new Error(`${one} and ${other} share no history`)
    return best
  }

  readonly merge = (ours: Commit, theirs: Commit) =>
    mergeRenamed(
      this.look(this.commonAncestor(ours, theirs)).tree,
      this.look(ours).tree,
      this.look(theirs).tree,
      this.renames,
    )

  /** First parents from `head` back to the history of `commit`, newest first. */
  readonly lineBetween = (head: Commit, commit: Commit): readonly Commit[] => {
    const known = this.historyOf(commit)
    const line: Commit[] = []
    for (
      let current: Commit | undefined = head;
      current !== undefined && !known.has(current);
      current = this.look(current).parents[0]
    )
      line.push(current)
    return line
  }

  /** Whether the commit changed one of the paths against its first parent. */
  readonly touches = (commit: Commit, paths: readonly string[]): boolean => {
    const parent = this.look(commit).parents[0]
    const before = parent === undefined ? new Map<string, string>() : this.look(parent).tree
    return paths.some((path) => before.get(path) !== this.look(commit).tree.get(path))
  }
}
