import type { Commit } from '../../src/core/model/ids.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { ListTexts, PublishOutcome, UpstreamOutcome } from '../../src/ports/repository.ts'
import type { RewriteAnswer } from '../../src/core/model/rewrite.ts'
import type { CommitGraph } from './commit-graph.ts'
import { listsBetween } from './list-edits.ts'
import { bothSides } from './merge-attempt.ts'
import type { Rewrites } from './rewrites.ts'
import { TakenBack, type Unanswered } from './taken-back.ts'
import { type Edits, edit } from './three-way.ts'

export type Publish = { readonly to: 'branch'; readonly branch: string } | { readonly to: 'none' }

export interface FakeOriginParts {
  readonly graph: CommitGraph
  /** The target's head in the hub. */
  readonly hub: { head: Commit }
  readonly target: string
  readonly publish: Publish
  readonly rewrites: Rewrites
}

/** The origin in memory, and what the hub does with it. */
export class FakeOrigin {
  /** Everything that humans pushed to the target. */
  readonly pushes: Commit[] = []
  readonly takenBack: TakenBack
  readonly #parts: FakeOriginParts
  readonly #branches: Map<string, Commit>
  #refusal: string | null = null
  /** What becomes of the next push, to which the hub receives no answer. */
  #unanswered: Unanswered | null = null
  /** Where the target was before a human deleted it. */
  #deleted: Commit | null = null
  /** The target's head that the hub knows and no person has to judge. */
  #accepted: Commit
  /** The target as last fetched. */
  #fetched: Commit
  /** Edits of task lists that the last fetch brought, until they are settled. */
  #pendingEdits: { readonly upTo: Commit; readonly taskLists: ListTexts } | null = null
  /** Up to this commit, edits of task lists were reported. */
  #readEdits: Commit

  constructor(parts: FakeOriginParts) {
    this.#parts = parts
    this.takenBack = new TakenBack(parts.graph)
    const { head } = parts.hub
    this.#branches = new Map([[parts.target, head]])
    this.#accepted = head
    this.#fetched = head
    this.#readEdits = head
  }

  get accepted(): Commit {
    return this.#accepted
  }

  get fetched(): Commit {
    return this.#fetched
  }

  head(branch: string): Commit | null {
    return this.#branches.get(branch) ?? null
  }

  read(branch: string, path: string): string | null {
    const commit = this.#branches.get(branch)
    return commit === undefined ? null : (this.#parts.graph.look(commit).tree.get(path) ?? null)
  }

  /** What a human pushes to the target. */
  push(edits: Edits): Commit {
    const { graph, target } = this.#parts
    const commit = graph.commitEdits(this.#ofPeople, edits, 'A human was here\n')
    this.#branches.set(target, commit)
    this.pushes.push(commit)
    this.#parts.rewrites.notePush(commit)
    return commit
  }

  /** The target was rewritten since the hub last fetched or pushed. */
  get isRewrittenUnseen(): boolean {
    const { graph, target } = this.#parts
    const there = this.#branches.get(target)
    return there !== undefined && !graph.historyOf(there).has(this.#accepted)
  }

  /** A human takes back the last commits of the target, and what was pushed in them. */
  takeBack(count: number): void {
    const { graph, target } = this.#parts
    let commit = this.#branches.get(target)
    for (let steps = 0; steps < count && commit !== undefined; steps += 1)
      commit = graph.look(commit).parents[0] ?? commit
    if (commit !== undefined) this.rewrite(commit)
  }

  /** A human moves the target, wherever it was: what it no longer contains is not wanted there. */
  rewrite(commit: Commit): void {
    const { graph, target } = this.#parts
    this.takenBack.note(this.#branches.get(target), commit)
    this.#branches.set(target, commit)
    const kept = graph.historyOf(commit)
    this.pushes.splice(0, this.pushes.length, ...this.pushes.filter((each) => kept.has(each)))
  }

  deleteTarget(): void {
    const { target } = this.#parts
    this.#deleted = this.#branches.get(target) ?? this.#deleted
    this.#branches.delete(target)
  }

  restoreTarget(): void {
    this.#branches.set(this.#parts.target, this.#ofPeople)
  }

  mergeByHand(): void {
    const { graph, hub, target } = this.#parts
    const theirs = this.#ofPeople
    const tree = bothSides(graph, theirs, hub.head)
    const message = 'Merge the run by hand\n'
    const merged = graph.write({ tree, parents: [theirs, hub.head], message })
    this.#branches.set(target, merged)
    this.#parts.rewrites.notePush(merged)
  }

  /** The target as people have it, also after one of them has deleted it at the origin. */
  get #ofPeople(): Commit {
    const { hub, target } = this.#parts
    return this.#branches.get(target) ?? this.#deleted ?? hub.head
  }

  refusePushes(reason: string | null): void {
    this.#refusal = reason
  }

  loseAnswer(unanswered: Unanswered): void {
    this.#unanswered = unanswered
  }

  settle(): void {
    this.#readEdits = this.#pendingEdits?.upTo ?? this.#readEdits
    this.#pendingEdits = null
  }

  mergeUpstream(answer?: RewriteAnswer): UpstreamOutcome {
    const { graph, hub, target, rewrites } = this.#parts
    const { look, historyOf, commonAncestor, merge, write } = graph
    const { head } = hub
    const pending = this.#pendingEdits
    if (pending !== null && historyOf(head).has(pending.upTo))
      return { type: 'merged', commit: head, taskLists: pending.taskLists }
    const wanted = answer?.verdict === 'follow' ? answer : null
    const known = wanted !== null && wanted.before !== this.#accepted && rewrites.known(wanted)
    if (known) return { type: 'followed', ...known }
    const upstream = this.#branches.get(target)
    if (upstream === undefined) throw new Error(`the origin has no branch ${target}`)
    const keep = answer?.verdict === 'keep' ? answer.after : null
    if (upstream !== keep && !historyOf(upstream).has(this.#accepted)) {
      this.#fetched = this.#accepted
      const isAsked = wanted?.before === this.#accepted && historyOf(upstream).has(wanted.after)
      if (!isAsked) return { type: 'rewritten', before: this.#accepted, after: upstream }
      this.takenBack.noteAnswer()
      const outcome = rewrites.follow(wanted, head)
      hub.head = outcome.head
      this.#accepted = wanted.after
      this.#fetched = wanted.after
      return { type: 'followed', ...outcome }
    }
    this.#fetched = upstream
    if (upstream === keep) this.takenBack.noteAnswer()
    this.#accept(upstream)
    if (historyOf(head).has(upstream)) return { type: 'unchanged' }
    const ancestor = commonAncestor(head, upstream)
    const { tree, conflicts } = merge(head, upstream)
    const paths = conflicts.filter((path) => taskListWorker(path) === null)
    const taskLists = this.#editsSince(ancestor, upstream)
    if (Object.keys(taskLists).length > 0) this.#pendingEdits = { upTo: upstream, taskLists }
    if (paths.length > 0) return { type: 'conflict', commit: upstream, paths, taskLists }
    const after = look(upstream).tree
    const lists = Object.fromEntries(conflicts.map((path) => [path, after.get(path) ?? null]))
    hub.head =
      ancestor === head
        ? upstream
        : write({
            tree: edit(tree, lists),
            parents: [head, upstream],
            message: 'Merge what others pushed\n',
          })
    return { type: 'merged', commit: hub.head, taskLists }
  }

  /** Edits of task lists up to `upstream` that were not reported before. */
  #editsSince(ancestor: Commit, upstream: Commit): ListTexts {
    const { look, historyOf } = this.#parts.graph
    const read = this.#readEdits
    const isRead = historyOf(upstream).has(read) && historyOf(read).has(ancestor)
    return listsBetween(look(isRead ? read : ancestor).tree, look(upstream).tree)
  }

  publish(): PublishOutcome {
    const { graph, hub, target, publish } = this.#parts
    if (publish.to === 'none') return { type: 'published', commit: hub.head }
    const there = this.#branches.get(publish.branch)
    const isUnseen = publish.branch === target && there !== this.#accepted && there !== hub.head
    if (isUnseen || (there !== undefined && !graph.historyOf(hub.head).has(there))) {
      return {
        type: 'refused',
        reason: `others pushed to ${publish.branch} meanwhile`,
        moved: publish.branch === target,
      }
    }
    if (this.#refusal !== null && there !== hub.head)
      return { type: 'refused', reason: this.#refusal, moved: false }
    const unanswered = this.#unanswered
    this.#unanswered = null
    if (publish.branch === target) this.takenBack.notePush(hub.head)
    if (unanswered?.arrives !== false) this.#branches.set(publish.branch, hub.head)
    unanswered?.meanwhile?.()
    if (unanswered !== null) {
      if (publish.branch === target && unanswered.arrives) this.#accept(hub.head)
      return { type: 'refused', reason: 'no answer', moved: publish.branch === target }
    }
    if (publish.branch === target) this.#accept(hub.head)
    return { type: 'published', commit: hub.head }
  }

  #accept(head: Commit): void {
    this.#accepted = head
    this.#parts.rewrites.noteOut(head)
  }

  countUnpublished(): number {
    const { graph, hub, target, publish } = this.#parts
    if (publish.to === 'none') return 0
    const there = [
      this.#branches.get(target) ?? this.#accepted,
      this.#branches.get(publish.branch),
    ].map((tip) => (tip === undefined ? new Set<Commit>() : graph.historyOf(tip)))
    return [...graph.historyOf(hub.head)].filter((each) => !there.some((known) => known.has(each)))
      .length
  }
}
