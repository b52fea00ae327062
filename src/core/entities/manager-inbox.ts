import type { ManagerNews } from '../model/manager-inbox.ts'
import type { State } from '../model/state.ts'

/** Whether the news causes a prompt; other news waits for the next one. */
export function needsTheManager(news: ManagerNews): boolean {
  return (
    news.type !== 'merged' &&
    news.type !== 'done' &&
    news.type !== 'rejected' &&
    news.type !== 'conflict'
  )
}

/** Whether the Manager has something to do, now or once it is ready. */
export const isManagerNeeded = ({ run, news }: State): boolean =>
  run.phase.name === 'planning' || (run.phase.name === 'executing' && news.some(needsTheManager))
