import type { LineId, TaskId } from './ids.ts'

/** A task as the Manager or a task list describes it. */
export interface PlannedTask {
  readonly id: TaskId
  /** Where its work is merged; null for the lead line. */
  readonly line: LineId | null
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly TaskId[]
  /** The worker whose list holds it; with null the server chooses. */
  readonly worker: number | null
  /** See `Task.replaces`; null keeps what an unstarted task with this id has. */
  readonly replaces: readonly string[] | null
}

/** A change of a task list on the origin's target branch. */
export type ListEdit =
  | { readonly type: 'added'; readonly task: PlannedTask }
  | { readonly type: 'changed'; readonly task: PlannedTask }
  /** `worker`: the number of the list that had it. */
  | { readonly type: 'removed'; readonly task: TaskId; readonly worker: number }
  /**
   * The whole file is gone, with these items; those that another list has now are not among them.
   */
  | { readonly type: 'list-deleted'; readonly worker: number; readonly tasks: readonly TaskId[] }
  | { readonly type: 'ticked'; readonly task: TaskId }
