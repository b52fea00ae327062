import type { TaskId } from './ids.ts'
import type { State } from './state.ts'

/** What the Manager should hear; it is told in batches, one prompt at a time. */
export type News =
  | { readonly type: 'merged' | 'rejected' | 'conflict'; readonly task: TaskId }
  | { readonly type: 'blocked'; readonly task: TaskId; readonly question: string }
  | { readonly type: 'lists-edited'; readonly problems: readonly string[] }
  | { readonly type: 'queue-low' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'all-done' }

/** The rest rides along with the next prompt instead of causing one. */
export function needsTheManager(news: News): boolean {
  return news.type !== 'merged' && news.type !== 'rejected' && news.type !== 'conflict' && news.type !== 'lists-edited'
}

/** It has something to do now, or will have as soon as it is ready. */
export const isManagerNeeded = ({ run, news }: State): boolean =>
  run.phase.name === 'planning' || (run.phase.name === 'executing' && news.some(needsTheManager))
