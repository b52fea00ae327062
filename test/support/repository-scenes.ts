import { expect } from 'vitest'
import { type Commit, type InstanceId, TaskId, workerId } from '../../src/core/model/ids.ts'
import type { OwnFiles, PublishOutcome, Repository } from '../../src/ports/repository.ts'
import { createFakeRepository } from '../fakes/repository.ts'
import type { Edits } from '../fakes/three-way.ts'
import { openStage } from '../integration/git-stage.ts'
import { holdPush, hook } from '../integration/origin-hook.ts'

type Publish = { readonly to: 'branch'; readonly branch: string } | { readonly to: 'none' }

interface Scene extends AsyncDisposable {
  readonly repository: Repository
  commitOn(instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit>
  /** The worker merges the target, with these files as it resolved them or with its own side. */
  mergeTarget(instance: InstanceId, task: TaskId, resolution: Edits | 'ours'): Promise<Commit>
  /** The worker squashes its branch by a soft reset to the target. */
  squash(instance: InstanceId, task: TaskId): Promise<Commit>
  rebase(instance: InstanceId, task: TaskId, side: 'ours' | 'both' | null): Promise<Commit>
  rename(instance: InstanceId, task: TaskId, path: string, to: string): Promise<Commit>
  /** The worker commits on a branch that is not the one of its task. */
  commitElsewhere(instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit>
  /** The worker takes that into the branch of its task. */
  putBack(instance: InstanceId, task: TaskId): Promise<Commit>
  amend(instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit>
  /** The worker does what a refused report said about a rewritten target. */
  bringOwnWork(instance: InstanceId, task: TaskId, refusal: string): Promise<Commit>
  /** What the worker's tool does before a report. */
  ready(instance: InstanceId, task: TaskId): Promise<void>
  /** The worker merges the origin, as last fetched; conflicts get the lines of both sides. */
  mergeOrigin(instance: InstanceId, task: TaskId): Promise<Commit>
  /** Changes that the worker of a task has not committed. */
  leave(instance: InstanceId, task: TaskId, edits: Edits): Promise<void>
  /** What fetches all that is in the workspace. */
  salvage(instance: InstanceId, task: TaskId): readonly string[]
  pushUpstream(edits: Edits): Promise<Commit>
  /** A human force-pushes the commit to the origin's target. */
  rewriteOrigin(commit: Commit): Promise<void>
  /** A human deletes the target at the origin. */
  deleteUpstream(): Promise<void>
  /** A human pushes the deleted target again, as it was. */
  restoreUpstream(): Promise<void>
  /** The origin takes a push without an answer; `meanwhile` happens before the hub gives up. */
  publishUnanswered(meanwhile: () => Promise<void>): Promise<PublishOutcome>
  /** The origin accepts no push any more. */
  protect(): Promise<void>
  readOrigin(branch: string, path: string): Promise<string | null>
  uploadPack(instance: InstanceId): readonly string[]
  receivePack(instance: InstanceId): readonly string[]
  /** A ref of the workspace. */
  delivered(instance: InstanceId, ref: string): Promise<Commit | null>
}

export const files = {
  'PROJECT_DIRECTION.md': 'Build a tower.\n',
  'tower.txt': 'top\nfloor three\nfloor two\nfloor one\nground\n',
  'WORKER_1_TASK_LIST.md': '- [ ] walls: Walls\n',
}

async function gitScene(publish: Publish): Promise<Scene> {
  const stage = await openStage(files)
  const repository = stage.repository({ publish })
  await repository.ensureReady()
  return {
    ...stage,
    repository,
    pushUpstream: stage.push,
    publishUnanswered: async (meanwhile) => {
      const patience = { fetchMs: 60_000, pushMs: 3_000 }
      const { untilItRuns, letGo } = await holdPush(stage, 'post-receive')
      const answer = stage.repository({ publish, patience }).publish()
      await untilItRuns()
      await meanwhile()
      const outcome = await answer
      await letGo()
      return outcome
    },
    protect: () => hook(stage, 'echo GH006: Protected branch update failed >&2; exit 1'),
    leave: (instance, _task, edits) => stage.leave(instance, edits),
  }
}

async function fakeScene(publish: Publish): Promise<Scene> {
  const repository = createFakeRepository({ files, publish })
  return {
    repository,
    commitOn: async (instance, task, edits) => repository.commitOn(instance, task, edits),
    mergeTarget: async (instance, task, resolution) =>
      repository.mergeTarget(instance, task, resolution),
    squash: async (instance, task) => repository.squash(instance, task),
    rebase: async (instance, task, side) => repository.rebase(instance, task, side),
    rename: async (instance, task, path, to) => repository.rename(instance, task, path, to),
    commitElsewhere: async (instance, task, edits) =>
      repository.commitElsewhere(instance, task, edits),
    putBack: async (instance, task) => repository.putBack(instance, task),
    amend: async (instance, task, edits) => repository.amend(instance, task, edits),
    bringOwnWork: async (instance, task) => repository.bringOwnWork(instance, task),
    ready: async () => undefined,
    mergeOrigin: async (instance, task) => repository.mergeOrigin(instance, task),
    leave: async (instance, task, edits) => repository.leave(instance, task, edits),
    salvage: () => ['unused'],
    pushUpstream: async (edits) => repository.pushUpstream(edits),
    rewriteOrigin: async (commit) => repository.rewriteOrigin(commit),
    deleteUpstream: async () => repository.deleteUpstream(),
    restoreUpstream: async () => repository.restoreUpstream(),
    publishUnanswered: async (meanwhile) => {
      repository.loseAnswer({ arrives: true, meanwhile: () => void meanwhile() })
      return repository.publish()
    },
    protect: async () => repository.refusePushes('the branch is protected'),
    readOrigin: async (branch, path) => repository.readOrigin(branch, path),
    uploadPack: () => ['unused'],
    receivePack: () => ['unused'],
    delivered: async (instance, ref) => repository.delivered(instance, ref),
    [Symbol.asyncDispose]: async () => {},
  }
}

export const scenes: Readonly<Record<string, (publish: Publish) => Promise<Scene>>> = {
  'the git repository': gitScene,
  'the fake repository': fakeScene,
}

export const one = workerId(1)
export const two = workerId(2)
export const walls = TaskId('walls')
export const roof = TaskId('roof')
const toTarget: Publish = { to: 'branch', branch: 'main' }

export const order = (task: TaskId, commit: Commit, ownFiles: OwnFiles = {}) => ({
  task,
  commit,
  message: `${task}: Build it\n\nAs asked.\n\nTask: ${task}\nInstance: worker-1\n`,
  ownFiles,
})

/** The rewrite that a fetch finds. */
export async function rewriteOf(repository: Repository) {
  const outcome = await repository.mergeUpstream()
  if (outcome.type !== 'rewritten') throw new Error(`not rewritten: ${JSON.stringify(outcome)}`)
  return { before: outcome.before, after: outcome.after }
}

/** Fetches, and follows the rewrite that is found. */
export async function follow(repository: Repository) {
  const answer = { verdict: 'follow', ...(await rewriteOf(repository)) } as const
  const outcome = await repository.mergeUpstream(answer)
  if (outcome.type !== 'followed') throw new Error(`not followed: ${JSON.stringify(outcome)}`)
  return { answer, outcome }
}

/** A repository with workers that report, and short ways to the merge of what they did. */
export async function begin(
  open: (publish: Publish) => Promise<Scene>,
  publish: Publish = toTarget,
) {
  const scene = await open(publish)
  const { repository } = scene
  const report = async (instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit> => {
    const commit = await scene.commitOn(instance, task, edits)
    expect(await repository.takeIn(instance, task, scene.uploadPack(instance))).toMatchObject({
      type: 'taken-in',
      commit,
    })
    return commit
  }
  const candidate = async (task: TaskId, commit: Commit, ownFiles: OwnFiles = {}) => {
    const outcome = await repository.tryMerge(order(task, commit, ownFiles))
    if (outcome.type !== 'candidate') throw new Error(`no candidate: ${JSON.stringify(outcome)}`)
    return outcome
  }
  const merge = async (task: TaskId, commit: Commit, ownFiles: OwnFiles = {}): Promise<Commit> => {
    const built = await candidate(task, commit, ownFiles)
    expect(await repository.land(built.commit, built.base)).toBe(true)
    return built.commit
  }
  return {
    ...scene,
    report,
    candidate,
    merge,
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  }
}
