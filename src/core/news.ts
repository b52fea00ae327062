import type { TaskId } from './ids.ts'

/** What the Manager should hear; it is told in batches, one prompt at a time. */
export type News =
  | { readonly type: 'merged'; readonly task: TaskId }
  | { readonly type: 'blocked'; readonly task: TaskId; readonly question: string }
  | { readonly type: 'undecided-conflict'; readonly task: TaskId; readonly paths: readonly string[] }
  | { readonly type: 'undecided-checks'; readonly task: TaskId; readonly output: string }
  | { readonly type: 'conflict'; readonly task: TaskId; readonly paths: readonly string[] }
  | { readonly type: 'failed'; readonly task: TaskId; readonly reason: string }
  | { readonly type: 'lists-edited'; readonly summary: string }
  | { readonly type: 'queue-low' }
  | { readonly type: 'all-done' }

/** The rest rides along with the next prompt instead of causing one. */
export const needsTheManager = (news: News): boolean =>
  news.type !== 'merged' && news.type !== 'conflict' && news.type !== 'lists-edited'
