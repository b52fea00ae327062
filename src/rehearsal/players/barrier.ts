import type { Line } from '../model/server.ts'
import type { MessagesRequest } from '../model/wire.ts'
import { readConversation } from './conversation.ts'
import type { Script } from './script.ts'
import { briefedTasks } from './worker.ts'

type Act = (request: MessagesRequest, signal: AbortSignal) => Promise<Line>

/**
 * Long enough for a restart of an instance in between; then the work goes on without the collision.
 */
const usualPatienceMs = 60_000

/**
 * Holds a worker back until the tasks with which it is to collide have begun: a worker that is done
 * before the other one has branched off would leave nothing to collide with.
 */
export function withBarrier(
  script: Script,
  act: (request: MessagesRequest, signal: AbortSignal) => Line | Promise<Line>,
  patienceMs = usualPatienceMs,
): Act {
  const begun = new Set<string>()
  const waiting = new Set<() => void>()
  const othersOf = new Map(
    script.tasks.map(({ id, habit }) => [id, habit.type === 'collides' ? habit.others : []]),
  )

  return async (request, signal) => {
    const tasks = briefedTasks(readConversation(request))
    for (const task of tasks) begun.add(task)
    for (const look of waiting) look()
    const others = othersOf.get(tasks.at(-1) ?? '') ?? []
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!signal.aborted && !others.every((task) => begun.has(task))) return
        clearTimeout(timer)
        waiting.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      const timer = setTimeout(() => {
        for (const task of others) begun.add(task)
        look()
      }, patienceMs)
      waiting.add(look)
      signal.addEventListener('abort', look)
      look()
    })
    return act(request, signal)
  }
}
