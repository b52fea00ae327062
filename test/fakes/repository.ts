import {
  type BackupId,
  type Commit,
  type InstanceId,
  type TaskId,
} from '../../src/core/model/ids.ts'
import { directionPath } from '../../src/core/text/direction.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type {
  OwnFiles,
  PublishOutcome,
  Repository,
  UpstreamOutcome,
} from '../../src/ports/repository.ts'
import { FakeBackups } from './backups.ts'
import { CommitGraph } from './commit-graph.ts'
import { attemptMerge } from './merge-attempt.ts'
import { mergesIn, taskOf } from './snapshot.ts'
import { type Edits, edit, isSame } from './three-way.ts'
import { type BranchWork, WorkerBranches } from './worker-branches.ts'

export interface FakeRepository extends Repository, BranchWork {
  /** What a worker has changed and not committed, in place of what it had changed before. */
  leave(instance: InstanceId, task: TaskId, edits: Edits): void
  /** What was saved of workspaces. */
  readonly backups: ReadonlyMap<BackupId, Commit>
  /** True when everything of `older` is in `newer`. */
  contains(newer: Commit, older: Commit): boolean
  /** The task's files in an instance's workspace, committed or not; null when it has none. */
  offers(instance: InstanceId, task: TaskId): Commit | null
  /** It has landed, was taken in or was saved. */
  isKept(task: TaskId, commit: Commit): boolean
  /** What a careless push does: the target is there now, wherever it was. */
  force(commit: Commit): void
  /** How often each task was merged on the way to a commit. */
  mergesOn(commit: Commit): ReadonlyMap<string, number>
  /** What a human pushes to the origin's target. */
  pushUpstream(edits: Edits): Commit
  /** A file on a branch of the origin. */
  readOrigin(branch: string, path: string): string | null
}

export interface FakeRepositoryOptions {
  readonly files: OwnFiles
  readonly target?: string
  /** One hexadecimal digit with which the names of its commits begin. */
  readonly commitPrefix?: string
  readonly publish?: { readonly to: 'branch'; readonly branch: string } | { readonly to: 'none' }
}

/** A repository in memory, without git: branches, merge bases, three-way merges by line. */
export function createFakeRepository({
  files,
  target = 'main',
  commitPrefix = '0',
  publish = { to: 'branch', branch: target },
}: FakeRepositoryOptions): FakeRepository {
  const graph = new CommitGraph(commitPrefix)
  const { write, look, commitEdits, historyOf, commonAncestor, merge, touches } = graph
  const branches = new WorkerBranches(graph, { name: target, head: () => head })
  const backups = new FakeBackups()

  let head = write({ tree: new Map(Object.entries(files)), parents: [], message: 'Begin\n' })
  const origin = new Map([[target, head]])

  /** The target's own line back to where `commit` left it, newest first. */
  const lineSince = (commit: Commit) => graph.lineBetween(head, commit)

  /** Edits of task lists by the last merge with the origin, until it is settled. */
  let pendingEdits: Extract<UpstreamOutcome, { type: 'merged' }>['taskLists'] = {}
  const mergeUpstream = (): UpstreamOutcome => {
    if (Object.keys(pendingEdits).length > 0)
      return { type: 'merged', commit: head, taskLists: pendingEdits }
    const upstream = origin.get(target) ?? head
    if (historyOf(head).has(upstream)) return { type: 'unchanged' }
    const ancestor = commonAncestor(head, upstream)
    const [before, after] = [look(ancestor).tree, look(upstream).tree]
    const { tree, conflicts } = merge(head, upstream)
    const paths = conflicts.filter((path) => taskListWorker(path) === null)
    if (paths.length > 0) return { type: 'conflict', paths }
    const lists = Object.fromEntries(conflicts.map((path) => [path, after.get(path) ?? null]))
    head =
      ancestor === head
        ? upstream
        : write({
            tree: edit(tree, lists),
            parents: [head, upstream],
            message: 'Merge what others pushed\n',
          })
    const edited = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => before.get(path) !== after.get(path),
    )
    const revisions = edited.map(
      (path) => [path, { before: before.get(path) ?? '', after: after.get(path) ?? '' }] as const,
    )
    pendingEdits = Object.fromEntries(
      revisions.filter(([path]) => taskListWorker(path) !== null || path === directionPath),
    )
    return { type: 'merged', commit: head, taskLists: pendingEdits }
  }

  const publishHead = (): PublishOutcome => {
    if (publish.to === 'none') return { type: 'published', commit: head }
    const there = origin.get(publish.branch)
    if (there !== undefined && !historyOf(head).has(there)) {
      return {
        type: 'refused',
        reason: `others pushed to ${publish.branch} meanwhile`,
        moved: publish.branch === target,
      }
    }
    origin.set(publish.branch, head)
    return { type: 'published', commit: head }
  }

  return {
    path: '/fake/hub.git',
    ensureReady: async () => ({ head }),
    head: async () => head,
    read: async (path) => look(head).tree.get(path) ?? null,
    taskLists: async () =>
      Object.fromEntries([...look(head).tree].filter(([path]) => taskListWorker(path) !== null)),
    takeIn: async (instance, task) => branches.takeIn(instance, task),
    discardedBy: async (work) => branches.discardedBy(work),
    backUp: async (instance, task, backup) => {
      const commit = backups.draftOf(`${instance} ${task}`) ?? branches.tipOf(instance, task)
      if (commit === null) return { type: 'unchanged' }
      const isKnown = [head, branches.takenOf(task) ?? head].some((tip) =>
        historyOf(tip).has(commit),
      )
      return backups.keep(backup, commit, isKnown)
    },
    forgetBackup: async (backup) => backups.forget(backup),
    get backups() {
      return backups.refs
    },
    tryMerge: async (order) => attemptMerge(graph, head, order),
    land: async (commit, base) => {
      const { parents } = look(commit)
      if (parents.length !== 2 || parents[0] !== base)
        throw new Error(`${commit} is not a merge onto ${base}`)
      if (head !== base) return false
      head = commit
      return true
    },
    findLanded: async (task, commit) => {
      if (!historyOf(head).has(commit)) return null
      const carries = (merge: Commit) => {
        const [first, second] = look(merge).parents
        if (first === undefined || second === undefined || taskOf(look(merge).message) !== task)
          return false
        return historyOf(second).has(commit) && !historyOf(first).has(commit)
      }
      return lineSince(commit).find(carries) ?? null
    },
    commitFiles: async (own, message) => {
      const tree = edit(look(head).tree, own)
      if (!isSame(tree, look(head).tree)) head = write({ tree, parents: [head], message })
      return head
    },
    mergeUpstream: async () => mergeUpstream(),
    settleUpstream: async () => {
      pendingEdits = {}
    },
    publish: async () => publishHead(),
    describeChanges: async (commit, paths, limit) => {
      const titles = lineSince(commit)
        .filter((other) => touches(other, paths))
        .map((other) => look(other).message.split('\n')[0])
      const texts = paths.map((path) => `${path}:\n${look(head).tree.get(path) ?? ''}`)
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
    amend: (instance, task, edits) => branches.amend(instance, task, edits),
    offers: (instance, task) =>
      backups.draftOf(`${instance} ${task}`) ?? branches.tipOf(instance, task),
    isKept: (task, commit) =>
      [head, branches.takenOf(task) ?? head, ...backups.refs.values()].some((tip) =>
        historyOf(tip).has(commit),
      ),
    force: (commit) => void (head = commit),
    contains: (newer, older) => historyOf(newer).has(older),
    mergesOn: (commit) => mergesIn([...historyOf(commit)].map(look)),
    pushUpstream: (edits) => {
      const commit = commitEdits(origin.get(target) ?? head, edits, 'A human was here\n')
      origin.set(target, commit)
      return commit
    },
    readOrigin: (branch, path) => {
      const commit = origin.get(branch)
      return commit === undefined ? null : (look(commit).tree.get(path) ?? null)
    },
  }
}
