import type { ManagerNews } from '../model/manager-inbox.ts'
import type { State } from '../model/state.ts'

/** The rest rides along with the next prompt instead of causing one. */
export function needsTheManager(news: ManagerNews): boolean {
  return (
    news.type !== 'merged' &&
    news.type !== 'rejected' &&
    news.type !== 'conflict' &&
    news.type !== 'lists-edited'
  )
}

/** It has something to do now, or will have as soon as it is ready. */
export const isManagerNeeded = ({ run, news }: State): boolean =>
  run.phase.name === 'planning' || (run.phase.name === 'executing' && news.some(needsTheManager))
