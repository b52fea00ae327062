import { type BackupId, type Commit, type InstanceId, TaskId } from '../../src/core/model/ids.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { OwnFiles, Repository } from '../../src/ports/repository.ts'
import { FakeBackups } from './backups.ts'
import type { BranchWork } from './branch-work.ts'
import { CommitGraph } from './commit-graph.ts'
import { attemptMerge } from './merge-attempt.ts'
import { type OriginPeople, peopleAt } from './origin-people.ts'
import { FakeOrigin, type Publish } from './origin.ts'
import { describeProtected, type Landing, landingOf } from './protected.ts'
import { Rewrites } from './rewrites.ts'
import { mergesIn, taskOf } from './snapshot.ts'
import { SideBranches, type SideWork, sideWorkOn } from './side-branches.ts'
import { type Edits, edit, isSame } from './three-way.ts'
import { WorkerBranches } from './worker-branches.ts'

export interface FakeRepository extends Repository, BranchWork, SideWork, OriginPeople {
  /** What a worker has changed and not committed, in place of what it had changed before. */
  leave(instance: InstanceId, task: TaskId, edits: Edits): void
  /** What was saved of workspaces. */
  readonly backups: ReadonlyMap<BackupId, Commit>
  /** What a ref of a workspace has of a backup. */
  delivered(instance: InstanceId, ref: string): Commit | null
  /**
   * The worker merges the origin, as last fetched, into its task's branch; files in conflict get
   * the lines of both sides.
   */
  mergeOrigin(instance: InstanceId, task: TaskId): Commit
  /** Commits in its history that the target left when it followed a rewritten origin. */
  broughtBack(commit: Commit): readonly Commit[]
  /** The target left it when it followed a rewritten origin. */
  isFormer(commit: Commit): boolean
  /** What landed of changes in protected paths, by task. */
  readonly protectedLandings: readonly Landing[]
  /** A merge that a person removed, or that brought what a person removed. */
  isGone(merge: Commit): boolean
  /** True when everything of `older` is in `newer`. */
  contains(newer: Commit, older: Commit): boolean
  /** The task's files in an instance's workspace, committed or not; null when it has none. */
  offers(instance: InstanceId, task: TaskId): Commit | null
  /** Whether the branch that is checked out, or a file, has work of the task. */
  shows(instance: InstanceId, task: TaskId): boolean
  /** It has landed, was taken in or was saved. */
  isKept(task: TaskId, commit: Commit): boolean
  /** What a careless push does: the target is there now, wherever it was. */
  force(commit: Commit): void
  /** A worker took it out of its branch, by an amended commit for instance. */
  isRewritten(commit: Commit): boolean
  /** Paths in which merged work undid what others had changed, on the way to a commit. */
  undoneOn(commit: Commit): readonly string[]
  /** Whether it has the commit, landed or not. */
  knows(commit: Commit): boolean
  /** The task that a candidate brings; null for any other commit, also for one that landed. */
  candidateTask(commit: Commit): TaskId | null
  /** How often each task was merged on the way to a commit. */
  mergesOn(commit: Commit): ReadonlyMap<string, number>
  /** The same, where files in conflict get the lines of both sides. */
  resolveTarget(instance: InstanceId, task: TaskId): Commit
  /** A human rewrote the origin's target, and the hub has not accepted that. */
  readonly isOriginRewritten: boolean
}

export interface FakeRepositoryOptions {
  readonly files: OwnFiles
  readonly target?: string
  /** One hexadecimal digit with which the names of its commits begin. */
  readonly commitPrefix?: string
  readonly publish?: Publish
}

/** A repository in memory, without git: branches, merge bases, three-way merges by line. */
export function createFakeRepository({
  files,
  target = 'main',
  commitPrefix = '0',
  publish = { to: 'branch', branch: target },
}: FakeRepositoryOptions): FakeRepository {
  const graph = new CommitGraph(commitPrefix)
  const { write, look, commitEdits, historyOf, touches } = graph
  const backups = new FakeBackups()
  const protectedLandings: Landing[] = []

  const begin = write({ tree: new Map(Object.entries(files)), parents: [], message: 'Begin\n' })
  const hub = { head: begin }
  const rewrites = new Rewrites(graph)
  const origin = new FakeOrigin({ graph, hub, target, publish, rewrites })
  const branches = new WorkerBranches(graph, { name: target, head: () => hub.head }, rewrites)
  const sides = new SideBranches(graph, branches)
  /** What the workspace has on the branch of a task, committed or not. */
  const ownOf = (instance: InstanceId, task: TaskId): Commit | null =>
    backups.draftOf(`${instance} ${task}`) ?? branches.tipOf(instance, task)
  const heldBy = (instance: InstanceId, task: TaskId): Commit | null =>
    sides.allOf(instance, task, ownOf(instance, task))
  const removedIn = (commit: Commit) =>
    [...historyOf(commit)].filter((each) => rewrites.isRemoved(each, hub.head))

  /** The target's own line back to where `commit` left it, newest first. */
  const lineSince = (commit: Commit) => graph.lineBetween(hub.head, commit)

  const titleOf = (commit: Commit): string => look(commit).message.split('\n')[0] ?? ''

  return {
    ...peopleAt(origin),
    ...sideWorkOn(sides, backups),
    path: '/fake/hub.git',
    protectedLandings,
    ensureReady: async () => ({ head: hub.head }),
    head: async () => hub.head,
    read: async (path) => look(hub.head).tree.get(path) ?? null,
    rootFiles: async () => [...look(hub.head).tree.keys()].filter((path) => !path.includes('/')),
    taskLists: async () =>
      Object.fromEntries(
        [...look(hub.head).tree].filter(([path]) => taskListWorker(path) !== null),
      ),
    takeIn: async (instance, task, _uploadPack, judge) => {
      const { outcome, accept } = branches.offer(instance, task)
      if (outcome.type === 'refused') return outcome
      const reason = await judge?.({
        commit: outcome.commit,
        earlier: outcome.earlier,
        discardedBy: async (work) => branches.discardedIn(work.commit),
        includes: async (newer, older) => historyOf(newer).has(older),
      })
      if (typeof reason === 'string') return { type: 'refused', reason }
      accept()
      return outcome
    },
    discardedBy: async (work) => branches.discardedIn(work.commit),
    backUp: async (instance, task, backup) => {
      const commit = heldBy(instance, task)
      if (commit === null) return { type: 'unchanged' }
      const isKnown = [hub.head, branches.takenOf(task) ?? hub.head].some((tip) =>
        historyOf(tip).has(commit),
      )
      return backups.keep(backup, commit, isKnown)
    },
    forgetBackup: async (backup) => backups.forget(backup),
    deliverBackup: async (instance, backup) => backups.deliver(instance, backup),
    delivered: (instance, ref) => backups.delivered(instance, ref),
    get backups() {
      return backups.refs
    },
    formerHistoryIn: async (commit) => (removedIn(commit).length > 0 ? rewrites.former : null),
    tryMerge: async (order) =>
      removedIn(order.commit).length > 0
        ? { type: 'removed', former: rewrites.former }
        : attemptMerge(graph, hub.head, origin.accepted, order),
    describeProtected: async (work, limit) => describeProtected(graph, work).slice(0, limit),
    land: async (commit, base) => {
      const { parents } = look(commit)
      if (parents.length !== 2 || parents[0] !== base)
        throw new Error(`${commit} is not a merge onto ${base}`)
      if (hub.head !== base) return false
      protectedLandings.push(landingOf(graph, base, commit, origin.accepted, rewrites.isPushed))
      hub.head = commit
      rewrites.noteLanded(commit)
      return true
    },
    isSameWork: async (one, other) => {
      const work = (commit: Commit) =>
        new Map([...look(commit).tree].filter(([path]) => taskListWorker(path) === null))
      return isSame(work(one), work(other))
    },
    findLanded: async (task, commit) => {
      if (!historyOf(hub.head).has(commit)) return null
      const carries = (merge: Commit) => {
        const [first, second] = look(merge).parents
        if (first === undefined || second === undefined || taskOf(look(merge).message) !== task)
          return false
        return historyOf(second).has(commit) && !historyOf(first).has(commit)
      }
      return lineSince(commit).find(carries) ?? null
    },
    commitFiles: async (own, message) => {
      const tree = edit(look(hub.head).tree, own)
      if (!isSame(tree, look(hub.head).tree))
        hub.head = write({ tree, parents: [hub.head], message })
      return hub.head
    },
    mergeUpstream: async (answer, apply = (job) => job()) =>
      apply(async () => origin.mergeUpstream(answer)),
    get isOriginRewritten() {
      return origin.isRewrittenUnseen
    },
    settleUpstream: async () => origin.settle(),
    includes: async (newer, older) => historyOf(newer).has(older),
    describeUpstream: async (paths, limit) => {
      const theirs = graph.lineBetween(origin.fetched, hub.head)
      const titles = theirs.filter((each) => touches(each, paths)).map(titleOf)
      const texts = paths.map((path) => `${path}:\n${look(origin.fetched).tree.get(path) ?? ''}`)
      return [...titles, '', ...texts].join('\n').slice(0, limit)
    },
    publish: async () => origin.publish(),
    countUnpublished: async () => origin.countUnpublished(),
    describeChanges: async (commit, paths, limit) => {
      const titles = lineSince(commit)
        .filter((other) => touches(other, paths))
        .map(titleOf)
      const texts = paths.map((path) => `${path}:\n${look(hub.head).tree.get(path) ?? ''}`)
      return [...titles, '', ...texts].join('\n').slice(0, limit)
    },
    leave: (instance, task, edits) => {
      const draft = commitEdits(
        branches.startOf(instance, task),
        edits,
        `Work in progress on ${task}\n`,
      )
      backups.draft(`${instance} ${task}`, draft)
    },
    commitOn: (instance, task, edits) => {
      backups.draft(`${instance} ${task}`, null)
      return branches.commitOn(instance, task, edits)
    },
    mergeTarget: (instance, task, resolution) => branches.mergeTarget(instance, task, resolution),
    squash: (instance, task) => branches.squash(instance, task),
    rebase: (instance, task, side) => branches.rebase(instance, task, side),
    rename: (instance, task, path, to) => branches.rename(instance, task, path, to),
    amend: (instance, task, edits) => branches.amend(instance, task, edits),
    bringOwnWork: (instance, task) => branches.bringOwnWork(instance, task),
    broughtBack: (commit) => rewrites.removedOf(historyOf(commit)),
    isFormer: (commit) => rewrites.removedOf([commit]).length > 0,
    isGone: (merge) => rewrites.isGone(merge),
    mergeOrigin: (instance, task) => branches.mergeBoth(instance, task, origin.fetched),
    resolveTarget: (instance, task) => branches.mergeBoth(instance, task, hub.head),
    offers: heldBy,
    shows: (instance, task) => sides.isElsewhere(instance, task) || ownOf(instance, task) !== null,
    isKept: (task, commit) =>
      [hub.head, branches.takenOf(task) ?? hub.head, ...backups.refs.values()].some((tip) =>
        historyOf(tip).has(commit),
      ),
    force: (commit) => void (hub.head = commit),
    contains: (newer, older) => historyOf(newer).has(older),
    isRewritten: (commit) => branches.isRewritten(commit),
    undoneOn: (commit) =>
      [...historyOf(commit)].flatMap((merge) => {
        const { parents, message } = look(merge)
        const [, work] = parents
        return work && taskOf(message) !== null ? branches.discardedIn(work) : []
      }),
    knows: (commit) => graph.has(commit),
    candidateTask: (commit) => {
      const { parents, message } = look(commit)
      const isCandidate = parents.length === 2 && !historyOf(hub.head).has(commit)
      const task = isCandidate ? taskOf(message) : null
      return task === null ? null : TaskId(task)
    },
    mergesOn: (commit) => mergesIn([...historyOf(commit)].map(look)),
  }
}
