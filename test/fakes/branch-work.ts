import type { Commit, InstanceId, TaskId } from '../../src/core/model/ids.ts'
import type { Edits } from './three-way.ts'

/** What workers do with git on their tasks' branches. Each returns the branch's new tip. */
export interface BranchWork {
  /**
   * What a worker commits on its task's branch, which starts from the target or from the task's
   * last fetched commit.
   */
  commitOn(instance: InstanceId, task: TaskId, edits: Edits): Commit
  /**
   * The worker merges the target into its task's branch, with these files as it resolved them, or
   * with its own side of every conflict.
   */
  mergeTarget(instance: InstanceId, task: TaskId, resolution: Edits | 'ours'): Commit
  /** A soft reset to the target and one commit: what landed since is undone. */
  squash(instance: InstanceId, task: TaskId): Commit
  /** Of a conflict it takes both sides or the worker's own; null where there is none. */
  rebase(instance: InstanceId, task: TaskId, side: 'ours' | 'both' | null): Commit
  amend(instance: InstanceId, task: TaskId, edits: Edits): Commit
  /** Nothing happens where there is no such file, or one under the new path. */
  rename(instance: InstanceId, task: TaskId, path: string, to: string): Commit
  /**
   * The worker brings its own work onto a rewritten target, as the refusal of its report says. It
   * keeps its own version of files in conflict.
   */
  bringOwnWork(instance: InstanceId, task: TaskId): Commit
}
