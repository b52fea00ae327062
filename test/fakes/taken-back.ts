import type { Commit } from '../../src/core/model/ids.ts'
import type { CommitGraph } from './commit-graph.ts'

/** What becomes of a push to which the hub receives no answer. */
export interface Unanswered {
  readonly arrives: boolean
  /** What people do before the hub looks for it. */
  readonly meanwhile?: () => void
}

/** What people took back at the origin, and no answer of theirs has allowed again. */
export class TakenBack {
  /** What the hub pushed again all the same. */
  readonly undone: Commit[] = []
  readonly #graph: CommitGraph
  readonly #commits = new Set<Commit>()

  constructor(graph: CommitGraph) {
    this.#graph = graph
  }

  /** A person moved the target. */
  note(from: Commit | undefined, to: Commit): void {
    const kept = this.#graph.historyOf(to)
    for (const each of kept) this.#commits.delete(each)
    for (const each of from === undefined ? [] : this.#graph.historyOf(from))
      if (!kept.has(each)) this.#commits.add(each)
  }

  /** The hub pushes this. */
  notePush(head: Commit): void {
    this.undone.push(...[...this.#graph.historyOf(head)].filter((each) => this.#commits.has(each)))
  }

  /** A person answered: all of it may come back, or the hub has left it. */
  noteAnswer(): void {
    this.#commits.clear()
  }
}
