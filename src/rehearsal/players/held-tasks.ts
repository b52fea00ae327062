import type { Line } from '../model/server.ts'
import type { MessagesRequest } from '../model/wire.ts'
import { readConversation } from './conversation.ts'
import type { Script } from './script.ts'
import { briefedTasks } from './worker.ts'

type Act = (request: MessagesRequest, signal: AbortSignal) => Promise<Line>

/**
 * Holds the workers of some tasks between their brief and their first step, until a person has
 * acted.
 */
export class HeldTasks {
  readonly #held: Set<string>
  readonly #waiting = new Map<string, number>()
  readonly #listeners = new Set<() => void>()

  constructor({ tasks }: Script) {
    this.#held = new Set(tasks.flatMap(({ id, habit }) => (habit.type === 'awaits' ? [id] : [])))
  }

  /** A worker has read the task's brief and waits. */
  isWaiting(task: string): boolean {
    return (this.#waiting.get(task) ?? 0) > 0
  }

  release(task: string): void {
    this.#held.delete(task)
    for (const look of [...this.#listeners]) look()
  }

  through(act: Act): Act {
    return async (request, signal) => {
      const task = briefedTasks(readConversation(request)).at(-1)
      if (task !== undefined && this.#held.has(task)) await this.#wait(task, signal)
      return act(request, signal)
    }
  }

  async #wait(task: string, signal: AbortSignal): Promise<void> {
    this.#count(task, 1)
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#held.has(task) && !signal.aborted) return
        this.#listeners.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#listeners.add(look)
      signal.addEventListener('abort', look)
      look()
    })
    this.#count(task, -1)
  }

  #count(task: string, by: number): void {
    this.#waiting.set(task, (this.#waiting.get(task) ?? 0) + by)
  }
}
