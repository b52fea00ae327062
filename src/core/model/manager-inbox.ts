import type { TaskId } from './ids.ts'

/** A notification for the Manager. They are delivered in batches, one prompt at a time. */
export type ManagerNews =
  | { readonly type: 'merged' | 'done' | 'rejected' | 'conflict'; readonly task: TaskId }
  | { readonly type: 'blocked'; readonly task: TaskId; readonly question: string }
  | { readonly type: 'lists-edited'; readonly problems: readonly string[] }
  | { readonly type: 'direction-changed' }
  /** A person removed merged work from the origin, and the run follows. */
  | { readonly type: 'origin-followed' }
  | { readonly type: 'cancelled'; readonly task: TaskId }
  | { readonly type: 'checks-fail' }
  | { readonly type: 'queue-low' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'all-done' }
