import type { BackupId, Commit, InstanceId, LineId, TaskId } from '../core/model/ids.ts'
import type { ProtectedWork } from '../core/model/protected.ts'
import type { FollowedOrigin, RewriteAnswer } from '../core/model/rewrite.ts'

/** Files that the server itself writes on the target branch: path → whole text. */
export type OwnFiles = Readonly<Record<string, string>>

/** The same, where null removes a file. */
export type OwnChanges = Readonly<Record<string, string | null>>

export type MergeOutcome =
  | {
      readonly type: 'candidate'
      readonly commit: Commit
      readonly base: Commit
      /** What it changes in paths that are the operator's; null when nothing. */
      readonly protected: ProtectedWork | null
    }
  | {
      readonly type: 'conflict'
      readonly paths: readonly string[]
      readonly tasks: readonly TaskId[]
    }
  /** The target already contains the commit. */
  | { readonly type: 'contained' }
  /** The commit contains commits that a person removed from the origin; `former` keeps them. */
  | { readonly type: 'removed'; readonly former: string }

export type IntakeOutcome =
  | {
      readonly type: 'taken-in'
      readonly commit: Commit
      readonly commits: number
      /** Tips that the branch had before it was rewritten, as far as the workspace offers them. */
      readonly earlier: readonly Commit[]
    }
  | { readonly type: 'refused'; readonly reason: string }

/** Work that was fetched and is not in the hub yet. */
export interface IncomingWork {
  readonly commit: Commit
  /** As in the outcome of an intake. */
  readonly earlier: readonly Commit[]
  /** As those of the repository, for this work. */
  discardedBy(work: ReportedWork): Promise<readonly string[]>
  includes(newer: Commit, older: Commit): Promise<boolean>
}

/** Why work must not enter the hub, for its worker; null when it may. */
export type JudgeWork = (work: IncomingWork) => Promise<string | null>

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
  /** The target is at the new history, with the run's own work that the origin never had. */
  | ({ readonly type: 'followed' } & FollowedOrigin)

/** Runs the job, which nothing else in the hub may run beside, and returns its outcome. */
export type ApplyUpstream = (job: () => Promise<UpstreamOutcome>) => Promise<UpstreamOutcome>

/**
 * For each list that the origin changed, and for PROJECT_DIRECTION.md, its text at the merge base
 * and at the origin, from which the server reads what a human edited. Empty when absent; null when
 * it is no regular file or larger than 1 MiB.
 */
export type ListTexts = Readonly<
  Record<string, { readonly before: string | null; readonly after: string | null }>
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
  /** The names of the files in the root of the target branch. */
  rootFiles(): Promise<readonly string[]>
  /** The root files of the target branch named `WORKER_{N}_TASK_LIST.md`: path → text. */
  taskLists(): Promise<OwnFiles>
  /**
   * Fetches a task's branch through the instance's boundary into a ref of its own. Nothing of the
   * instance runs on the host, and what is refused, here or by `judge`, leaves nothing in the hub.
   * One intake per instance at a time: others wait, and a third one that would wait is refused.
   */
  takeIn(
    instance: InstanceId,
    task: TaskId,
    uploadPack: readonly string[],
    judge?: JudgeWork,
  ): Promise<IntakeOutcome>
  /**
   * Paths that others changed on the target and that the work brings back to what they were:
   * before it began, or on one of the worker's own sides. Task lists do not count: the server
   * owns them.
   */
  discardedBy(work: ReportedWork): Promise<readonly string[]>
  /**
   * Fetches what a workspace offers for saving (`Workspaces.salvage`) and keeps it as
   * `refs/backup/<backup>` of a repository that no instance sees.
   */
  backUp(
    instance: InstanceId,
    task: TaskId,
    backup: BackupId,
    uploadPack: readonly string[],
  ): Promise<BackupOutcome>
  forgetBackup(backup: BackupId): Promise<void>
  /**
   * Brings a backup into the workspace of an instance (`Workspaces.receivePack`), and returns the
   * ref that it has there. Null when there is no such backup, or the workspace does not take it.
   */
  deliverBackup(
    instance: InstanceId,
    backup: BackupId,
    receivePack: readonly string[],
  ): Promise<string | null>
  /** Builds the merge of a task onto the target without moving any ref. */
  tryMerge(order: MergeOrder): Promise<MergeOutcome>
  /**
   * What a candidate changes in protected paths, for the person who answers: each path with modes
   * and contents, and a diff; at most about `limit` characters each.
   */
  describeProtected(work: ProtectedWork, limit: number): Promise<string>
  /**
   * Moves the target from `base` to `commit`; false when it is no longer at `base` and a new
   * candidate is needed.
   */
  land(commit: Commit, base: Commit): Promise<boolean>
  /** Whether two commits differ in task lists at most, which are the server's own. */
  isSameWork(one: Commit, other: Commit): Promise<boolean>
  /** The merge commit that landed this task's commit, if any. It makes landing safe to repeat. */
  findLanded(task: TaskId, commit: Commit): Promise<Commit | null>
  /**
   * Commits the server's own files onto the target; returns the head unchanged when they already
   * read so.
   */
  commitFiles(files: OwnChanges, message: string): Promise<Commit>
  /**
   * Fetches the origin's target and merges what was pushed there. Changes of task lists are
   * reported again by every call until they are settled.
   *
   * `answer`: what a person decided about a rewritten history. `keep` merges both histories.
   * `follow` moves the target to the new one and replays what the origin never had, by content: no
   * commit of the old history is reachable from the target after that. A repeated call returns the
   * same outcome. An answer about another history than the present one has no effect.
   *
   * `apply` runs what reads and changes the hub, once what was pushed is here: the caller chooses
   * when. The transfer before it takes as long as the origin does, and nothing has to wait for it.
   */
  mergeUpstream(answer?: RewriteAnswer, apply?: ApplyUpstream): Promise<UpstreamOutcome>
  /**
   * The ref that keeps the history before a rewrite when the commit contains a part of it that the
   * target lacks; null otherwise.
   */
  formerHistoryIn(commit: Commit): Promise<string | null>
  /** Confirms that the task list changes of the last outcome are in the journal. */
  settleUpstream(): Promise<void>
  /** Pushes to the origin as configured, never forced. */
  publish(): Promise<PublishOutcome>
  /** Whether everything of `older` is in `newer`. */
  includes(newer: Commit, older: Commit): Promise<boolean>
  /**
   * What the origin, as last fetched, did to the paths since the target left it: subject lines and
   * a diff, at most `limit` characters.
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
