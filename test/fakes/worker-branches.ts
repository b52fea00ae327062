import { type Commit, type InstanceId, type TaskId, taskBranch } from '../../src/core/model/ids.ts'
import type { IntakeOutcome } from '../../src/ports/repository.ts'
import type { CommitGraph } from './commit-graph.ts'
import { DiscardedChanges } from './discarded-changes.ts'
import type { BranchWork } from './branch-work.ts'
import { bothSides } from './merge-attempt.ts'
import type { Rewrites } from './rewrites.ts'
import { mergeRenamed } from './renames.ts'
import { type Edits, edit } from './three-way.ts'

/** Branches of workers in memory, and what the hub has fetched of them. */
export class WorkerBranches implements BranchWork {
  readonly #graph: CommitGraph
  readonly #target: { readonly name: string; readonly head: () => Commit }
  readonly #tips = new Map<string, Commit>()
  /** By branch: what its tips were before it was rewritten, newest first. */
  readonly #earlier = new Map<string, readonly Commit[]>()
  readonly #taken = new Map<TaskId, Commit>()
  readonly #discarded: DiscardedChanges
  readonly #rewritten = new Set<Commit>()
  readonly #rewrites: Rewrites

  constructor(
    graph: CommitGraph,
    target: { readonly name: string; readonly head: () => Commit },
    rewrites: Rewrites,
  ) {
    this.#graph = graph
    this.#rewrites = rewrites
    this.#target = target
    this.#discarded = new DiscardedChanges(graph)
  }

  /** Null for a worker without a commit on the task's branch. */
  tipOf(instance: InstanceId, task: TaskId): Commit | null {
    return this.#tips.get(branchOf(instance, task)) ?? null
  }

  takenOf(task: TaskId): Commit | null {
    return this.#taken.get(task) ?? null
  }

  /** Where a worker goes on: at its own branch, unless another one has continued the task since. */
  startOf(instance: InstanceId, task: TaskId): Commit {
    const [own, taken] = [this.tipOf(instance, task), this.takenOf(task)]
    return own !== null && (taken === null || this.#knows(instance, task, taken))
      ? own
      : (taken ?? this.#target.head())
  }

  /** What an intake finds, and what keeps it when nothing else speaks against it. */
  offer(instance: InstanceId, task: TaskId): { outcome: IntakeOutcome; accept: () => void } {
    const outcome = this.#judge(instance, task)
    return {
      outcome,
      accept: () => {
        if (outcome.type === 'taken-in') this.#taken.set(task, outcome.commit)
      },
    }
  }

  #judge(instance: InstanceId, task: TaskId): IntakeOutcome {
    const branch = taskBranch(task)
    const tip = this.tipOf(instance, task)
    if (tip === null)
      return { type: 'refused', reason: `there is no branch ${branch} in your workspace` }
    const landed = this.#graph.historyOf(this.#target.head())
    const commits = [...this.#graph.historyOf(tip)].filter((commit) => !landed.has(commit)).length
    if (commits === 0)
      return { type: 'refused', reason: `${branch} has no commit that ${this.#target.name} lacks` }
    const removed = this.#removedIn(tip)
    if (removed.length > 0)
      return {
        type: 'refused',
        reason: `${branch} contains ${removed.length} commits of the history that a person removed`,
      }
    const before = this.takenOf(task)
    const isFormer = before !== null && this.#removedIn(before).length > 0
    if (before !== null && !isFormer && !this.#knows(instance, task, before))
      return { type: 'refused', reason: `${branch} lacks ${before}` }
    return { type: 'taken-in', commit: tip, commits, earlier: this.#earlierOf(instance, task) }
  }

  discardedIn(commit: Commit): readonly string[] {
    return [...this.#discarded.of(commit)].toSorted()
  }

  /** Its own worker took it out of its branch. */
  isRewritten(commit: Commit): boolean {
    return this.#rewritten.has(commit)
  }

  commitOn(instance: InstanceId, task: TaskId, edits: Edits): Commit {
    const from = this.startOf(instance, task)
    const commit = this.#graph.commitEdits(from, edits, `Work on ${task}\n`)
    return this.#move(instance, task, commit, { from, settled: Object.keys(edits) })
  }

  mergeTarget(instance: InstanceId, task: TaskId, resolution: Edits | 'ours'): Commit {
    const { merge, look, write } = this.#graph
    const [from, head] = [this.startOf(instance, task), this.#target.head()]
    const merged = merge(head, from)
    const own = Object.fromEntries(
      merged.conflicts.map((path) => [path, look(from).tree.get(path) ?? null]),
    )
    const edits = resolution === 'ours' ? own : resolution
    const message = `Merge ${this.#target.name} into ${task}\n`
    const commit = write({ tree: edit(merged.tree, edits), parents: [from, head], message })
    const settled = resolution === 'ours' ? [] : Object.keys(edits)
    this.#move(instance, task, commit, { from, settled })
    if (resolution === 'ours') this.#discarded.leaveOut(commit, merged.conflicts, { from, head })
    return commit
  }

  /** Files in conflict get the lines of both sides. */
  mergeBoth(instance: InstanceId, task: TaskId, theirs: Commit): Commit {
    const from = this.startOf(instance, task)
    const tree = bothSides(this.#graph, from, theirs)
    const message = `Merge into ${task}\n`
    const commit = this.#graph.write({ tree, parents: [from, theirs], message })
    const settled = this.#graph.merge(from, theirs).conflicts
    return this.#move(instance, task, commit, { from, settled })
  }

  squash(instance: InstanceId, task: TaskId): Commit {
    const [from, head] = [this.startOf(instance, task), this.#target.head()]
    const { tree } = this.#graph.look(from)
    const commit = this.#graph.write({ tree, parents: [head], message: `All of ${task}\n` })
    const undone = this.#discarded.changedSince(from, head)
    this.#rewrite(instance, task, commit, { from, settled: [] })
    this.#discarded.discard(commit, [...undone, ...this.#broughtBack(from, commit)])
    return commit
  }

  rebase(instance: InstanceId, task: TaskId, side: 'ours' | 'both' | null): Commit {
    const { merge, look, write } = this.#graph
    const [from, head] = [this.startOf(instance, task), this.#target.head()]
    const { tree, conflicts } = merge(head, from)
    if (side === null && conflicts.length > 0) throw new Error(`in conflict: ${conflicts.join()}`)
    const own: Edits = Object.fromEntries(
      conflicts.map((path): [string, string | null] => [path, look(from).tree.get(path) ?? null]),
    )
    const rebased = side === 'both' ? bothSides(this.#graph, head, from) : edit(tree, own)
    const commit = write({ tree: rebased, parents: [head], message: `Work on ${task}\n` })
    this.#rewrite(instance, task, commit, { from, settled: side === 'both' ? conflicts : [] })
    if (side === 'ours') this.#discarded.leaveOut(commit, conflicts, { from, head })
    this.#discarded.discard(commit, this.#broughtBack(from, commit))
    return commit
  }

  rename(instance: InstanceId, task: TaskId, path: string, to: string): Commit {
    const from = this.startOf(instance, task)
    const { tree } = this.#graph.look(from)
    const text = tree.get(path)
    if (text === undefined || tree.has(to)) return from
    this.#graph.renames.set(to, path)
    return this.commitOn(instance, task, { [path]: null, [to]: text })
  }

  /** The branch gets the commits of another branch, which changed these paths. */
  takeOver(instance: InstanceId, task: TaskId, tip: Commit, paths: readonly string[]): Commit {
    const from = this.startOf(instance, task)
    if (!this.#graph.historyOf(tip).has(from)) return this.mergeBoth(instance, task, tip)
    return this.#move(instance, task, tip, { from, settled: paths })
  }

  amend(instance: InstanceId, task: TaskId, edits: Edits): Commit {
    const from = this.startOf(instance, task)
    const { tree, parents, message } = this.#graph.look(from)
    const commit = this.#graph.write({ tree: edit(tree, edits), parents, message })
    return this.#rewrite(instance, task, commit, { from, settled: Object.keys(edits) })
  }

  /** Whether the worker's branch contains the commit, or did before it was rewritten. */
  #knows(instance: InstanceId, task: TaskId, commit: Commit): boolean {
    const tips = [this.tipOf(instance, task), ...this.#earlierOf(instance, task)]
    return tips.some((tip) => tip !== null && this.#graph.historyOf(tip).has(commit))
  }

  bringOwnWork(instance: InstanceId, task: TaskId): Commit {
    const { look, commonAncestor, write } = this.#graph
    const [tip, head] = [this.startOf(instance, task), this.#target.head()]
    const left = this.#rewrites.left ?? head
    const parted = commonAncestor(tip, left)
    const merge = parted === tip ? this.#rewrites.returnedMerge(task) : null
    const [base, own] = merge === null ? [parted, tip] : [look(merge).parents[0] ?? merge, merge]
    const trees = [look(base).tree, look(head).tree, look(own).tree] as const
    const { tree, conflicts } = mergeRenamed(...trees, this.#graph.renames)
    const edits: Edits = Object.fromEntries(
      conflicts.map((path): [string, string | null] => [path, trees[2].get(path) ?? null]),
    )
    const message = `Own work on ${task}\n`
    const commit = write({ tree: edit(tree, edits), parents: [head], message })
    this.#rewrite(instance, task, commit, { from: tip, settled: [...trees[2].keys()] })
    return commit
  }

  #removedIn(commit: Commit): readonly Commit[] {
    const head = this.#target.head()
    return [...this.#graph.historyOf(commit)].filter((one) => this.#rewrites.isRemoved(one, head))
  }

  /** Paths that a person's rewrite changed back, and that the commit has as they were. */
  #broughtBack(from: Commit, commit: Commit): readonly string[] {
    const { look, touches } = this.#graph
    const removed = this.#removedIn(from)
    const [there, own] = [look(this.#target.head()).tree, look(commit).tree]
    return [...own.keys()].filter(
      (path) => own.get(path) !== there.get(path) && removed.some((each) => touches(each, [path])),
    )
  }

  #earlierOf(instance: InstanceId, task: TaskId): readonly Commit[] {
    return this.#earlier.get(branchOf(instance, task)) ?? []
  }

  #rewrite(instance: InstanceId, task: TaskId, commit: Commit, step: Step): Commit {
    const earlier = [step.from, ...this.#earlierOf(instance, task)]
    this.#earlier.set(branchOf(instance, task), earlier)
    const kept = this.#graph.historyOf(commit)
    for (const each of this.#graph.historyOf(step.from))
      if (!kept.has(each)) this.#rewritten.add(each)
    return this.#move(instance, task, commit, step)
  }

  #move(instance: InstanceId, task: TaskId, commit: Commit, { from, settled }: Step): Commit {
    this.#tips.set(branchOf(instance, task), commit)
    this.#discarded.continue(commit, from, settled)
    return commit
  }
}

interface Step {
  readonly from: Commit
  readonly settled: readonly string[]
}

const branchOf = (instance: InstanceId, task: TaskId): string => `${instance} ${task}`
