import type { BackupId, Commit, InstanceId, LineId, TaskId } from '../core/model/ids.ts'

/** Files that the server itself writes on the target branch: path → whole text. */
export type OwnFiles = Readonly<Record<string, string>>

export type MergeOutcome =
  | { readonly type: 'candidate'; readonly commit: Commit; readonly base: Commit }
  | {
      readonly type: 'conflict'
      readonly paths: readonly string[]
      readonly tasks: readonly TaskId[]
    }
  /** The target already contains the commit. */
  | { readonly type: 'contained' }

export type IntakeOutcome =
  | {
      readonly type: 'taken-in'
      readonly commit: Commit
      readonly commits: number
      /** Tips that the branch had before it was rewritten, as far as the workspace offers them. */
      readonly earlier: readonly Commit[]
    }
  | { readonly type: 'refused'; readonly reason: string }

export type BackupOutcome =
  | { readonly type: 'saved'; readonly commit: Commit }
  /** Everything in the workspace has landed, was taken in, or was saved before. */
  | { readonly type: 'unchanged' }
  /** A retry would be refused again. */
  | { readonly type: 'refused'; readonly reason: string }

export type PublishOutcome =
  | { readonly type: 'published'; readonly commit: Commit }
  | { readonly type: 'refused'; readonly reason: string; readonly moved: boolean }

export type UpstreamOutcome =
  | { readonly type: 'unchanged' }
  | { readonly type: 'merged'; readonly commit: Commit; readonly taskLists: ListTexts }
  /**
   * The origin's `commit` conflicts with the target in `paths`; nothing moved. Its edits of task
   * lists are reported here, since the merge that a worker makes drops them.
   */
  | {
      readonly type: 'conflict'
      readonly commit: Commit
      readonly paths: readonly string[]
      readonly taskLists: ListTexts
    }
  /** The origin no longer has `before`, which it had: its history was rewritten. Nothing moved. */
  | { readonly type: 'rewritten'; readonly before: Commit; readonly after: Commit }

/**
 * For each list that the origin changed, and for PROJECT_DIRECTION.md, its text at the merge base and
 * at the origin (empty when absent), from which the server reads what a human edited.
 */
export type ListTexts = Readonly<
  Record<string, { readonly before: string; readonly after: string }>
>

export interface MergeOrder {
  readonly task: TaskId
  readonly commit: Commit
  /**
   * The merge commit's message. Its trailers `Task:` and `Instance:` identify a landed merge after
   * a crash.
   */
  readonly message: string
  /**
   * Written in the merge commit itself: the ticked task lists. They override the branch's own
   * version of these paths.
   */
  readonly ownFiles: OwnFiles
}

export interface ReportedWork {
  readonly commit: Commit
  /** The target as it was when the work began; null when that was not recorded. */
  readonly base: Commit | null
  /** Earlier versions of the work, newest first: reported ones, and tips before a rewrite. */
  readonly earlier: readonly Commit[]
  /** The commit of the origin that the work merges; null for any other work. */
  readonly origin: Commit | null
}

/** The hub: the server's bare repository, the only one in which the server runs git. */
export interface Repository {
  /** The repository from which workspaces borrow objects. */
  readonly path: string
  /**
   * Creates the hub from the origin, or opens an existing one without it. Throws with cause and
   * remedy in the message.
   */
  ensureReady(): Promise<{ readonly head: Commit }>
  head(): Promise<Commit>
  /** A file of the target branch, read as a blob; null when it is absent or not a regular file. */
  read(path: string): Promise<string | null>
  /** The root files of the target branch named `WORKER_{N}_TASK_LIST.md`: path → text. */
  taskLists(): Promise<OwnFiles>
  /**
   * Fetches a task's branch through the instance's boundary into a ref of its own. Nothing of the
   * instance runs on the host.
   */
  takeIn(instance: InstanceId, task: TaskId, uploadPack: readonly string[]): Promise<IntakeOutcome>
  /**
   * Paths that others changed on the target and that the work brings back to what they were:
   * before it began, or on one of the worker's own sides. Task lists do not count: the server
   * owns them.
   */
  discardedBy(work: ReportedWork): Promise<readonly string[]>
  /**
   * Fetches what a workspace offers for saving (`Workspaces.salvage`) and keeps it as
   * `refs/backup/<backup>`.
   */
  backUp(
    instance: InstanceId,
    task: TaskId,
    backup: BackupId,
    uploadPack: readonly string[],
  ): Promise<BackupOutcome>
  forgetBackup(backup: BackupId): Promise<void>
  /** Builds the merge of a task onto the target without moving any ref. */
  tryMerge(order: MergeOrder): Promise<MergeOutcome>
  /**
   * Moves the target from `base` to `commit`; false when it is no longer at `base` and a new
   * candidate is needed.
   */
  land(commit: Commit, base: Commit): Promise<boolean>
  /** The merge commit that landed this task's commit, if any. It makes landing safe to repeat. */
  findLanded(task: TaskId, commit: Commit): Promise<Commit | null>
  /**
   * Commits the server's own files onto the target; returns the head unchanged when they already
   * read so.
   */
  commitFiles(files: OwnFiles, message: string): Promise<Commit>
  /**
   * Fetches the origin's target and merges what was pushed there. Changes of task lists are
   * reported again by every call until they are settled. `keep`: a person wants the rewritten history
   * with this head merged with the one before.
   */
  mergeUpstream(keep?: Commit): Promise<UpstreamOutcome>
  /** Confirms that the task list changes of the last outcome are in the journal. */
  settleUpstream(): Promise<void>
  /** Pushes to the origin as configured, never forced. */
  publish(): Promise<PublishOutcome>
  /** Whether everything of `older` is in `newer`. */
  includes(newer: Commit, older: Commit): Promise<boolean>
  /**
   * What the origin, as last fetched, did to the paths since the target left it: subject lines and a
   * diff, at most `limit` characters.
   */
  describeUpstream(paths: readonly string[], limit: number): Promise<string>
  /** How many commits of the target the origin lacks, by the last fetch and the last push. */
  countUnpublished(): Promise<number>
  /**
   * What the target did to the paths since `commit` left it, for a conflict's brief: subject lines
   * and a diff, at most `limit` characters.
   */
  describeChanges(commit: Commit, paths: readonly string[], limit: number): Promise<string>
}

/** The hub of each line, seen from the line's target branch. Throws for an unknown line. */
export type RepositoryOf = (line: LineId) => Repository
