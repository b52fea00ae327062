import { type Commit, TaskId } from '../../src/core/model/ids.ts'
import type { FollowedOrigin, RewriteAnswer } from '../../src/core/model/rewrite.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { CommitGraph } from './commit-graph.ts'
import { taskOf } from './snapshot.ts'
import { edit, mergeTrees, type Tree } from './three-way.ts'

/** What one merge changed, as it was noted when it landed. */
interface Landed {
  readonly task: TaskId
  readonly merge: Commit
  readonly work: Commit
  /** Path → text before and after; undefined where there is no file. */
  readonly changes: ReadonlyMap<string, readonly [string | undefined, string | undefined]>
  /** The origin had it. */
  readonly isOut: boolean
  /** Commits that people pushed and that came with it. */
  readonly brought: readonly Commit[]
}

/**
 * Rewritten origins in memory: a ledger says of each merge what it changed and whether the origin
 * had it. Nothing is found out from the graph afterwards.
 */
export class Rewrites {
  readonly #graph: CommitGraph
  #ledger: readonly Landed[] = []
  readonly #pushed = new Set<Commit>()
  readonly #removed = new Set<Commit>()
  readonly #gone = new Set<Commit>()
  /** Heads of the target before each rewrite. */
  readonly #left: Commit[] = []
  readonly #returned = new Map<TaskId, Commit>()
  #last: { readonly answer: RewriteAnswer; readonly outcome: FollowedOrigin } | null = null

  constructor(graph: CommitGraph) {
    this.#graph = graph
  }

  /** Everything of it that the target does not have any more, by a person's will. */
  isRemoved(commit: Commit, head: Commit): boolean {
    return this.#removed.has(commit) && !this.#graph.historyOf(head).has(commit)
  }

  /** Those of the commits that a person removed from the origin, in a history that has them. */
  removedOf(history: Iterable<Commit>): readonly Commit[] {
    return [...history].filter((each) => this.#removed.has(each))
  }

  /** The merge of the task was removed by a person, or brought what a person removed. */
  isGone(merge: Commit): boolean {
    return this.#gone.has(merge)
  }

  /** Where the target was before the last rewrite. */
  get left(): Commit | null {
    return this.#left.at(-1) ?? null
  }

  returnedMerge(task: TaskId): Commit | null {
    return this.#returned.get(task) ?? null
  }

  get former(): string {
    return `refs/rewritten/fake/${this.#left.length}`
  }

  notePush(commit: Commit): void {
    this.#pushed.add(commit)
  }

  /** A person made it. */
  readonly isPushed = (commit: Commit): boolean => this.#pushed.has(commit)

  noteLanded(merge: Commit): void {
    const { look, historyOf } = this.#graph
    const { parents, message, tree } = look(merge)
    const [base, work] = parents
    const task = taskOf(message)
    if (base === undefined || work === undefined || task === null) return
    const known = historyOf(base)
    const brought = [...historyOf(work)].filter(
      (each) => this.#pushed.has(each) && !known.has(each),
    )
    const changes = changesOf(look(base).tree, tree)
    this.#ledger = [
      ...this.#ledger,
      { task: TaskId(task), merge, work, changes, isOut: false, brought },
    ]
  }

  /** The origin has this. */
  noteOut(head: Commit): void {
    const there = this.#graph.historyOf(head)
    this.#ledger = this.#ledger.map((each) =>
      there.has(each.merge) ? { ...each, isOut: true } : each,
    )
  }

  known({ before, after }: RewriteAnswer): FollowedOrigin | null {
    const last = this.#last
    return last?.answer.before === before && last.answer.after === after ? last.outcome : null
  }

  follow(answer: RewriteAnswer, from: Commit): FollowedOrigin {
    const { look, historyOf, write } = this.#graph
    const [removed, there] = [historyOf(answer.before), historyOf(answer.after)]
    const ledger: Landed[] = []
    const outcome = { replayed: [], returned: [], removed: [] } as {
      replayed: FollowedOrigin['replayed'][number][]
      returned: FollowedOrigin['returned'][number][]
      removed: FollowedOrigin['removed'][number][]
    }
    let head = answer.after
    for (const each of this.#ledger) {
      const { task, merge, work, changes, isOut, brought } = each
      if (there.has(merge)) {
        ledger.push(each)
        continue
      }
      if (isOut || brought.some((one) => removed.has(one))) {
        outcome.removed.push({ task, from: merge })
        this.#gone.add(merge)
        continue
      }
      const { tree, conflicts } = apply(look(head).tree, changes)
      if (conflicts.length > 0) {
        outcome.returned.push({ task, from: merge, work, paths: conflicts })
        this.#returned.set(task, merge)
        continue
      }
      const own = write({ tree, parents: [head], message: `Replay the work of ${task}\n` })
      head = write({ tree, parents: [head, own], message: look(merge).message })
      outcome.replayed.push({ task, from: merge, to: head, work })
      ledger.push({ ...each, merge: head })
    }
    this.#ledger = ledger
    const kept = historyOf(head)
    for (const commit of [...historyOf(from), ...removed])
      if (!kept.has(commit)) this.#removed.add(commit)
    this.#left.push(from)
    this.#last = { answer, outcome: { ...outcome, head, former: this.former } }
    return this.#last.outcome
  }
}

function changesOf(before: Tree, after: Tree): Landed['changes'] {
  const paths = [...new Set([...before.keys(), ...after.keys()])]
  return new Map(
    paths
      .filter((path) => taskListWorker(path) === null && before.get(path) !== after.get(path))
      .map((path) => [path, [before.get(path), after.get(path)]]),
  )
}

function apply(now: Tree, changes: Landed['changes']) {
  const conflicts: string[] = []
  const edits: Record<string, string | null> = {}
  for (const [path, [before, after]] of changes) {
    const file = (text: string | undefined): Tree =>
      new Map(text === undefined ? [] : [[path, text]])
    const merged = mergeTrees(file(before), file(now.get(path)), file(after))
    if (merged.conflicts.length > 0) conflicts.push(path)
    else edits[path] = merged.tree.get(path) ?? null
  }
  return { tree: edit(now, edits), conflicts }
}
