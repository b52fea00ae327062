import type { Line } from '../../model/server.ts'
import type { MessagesRequest } from '../../model/wire.ts'
import { readConversation } from '../../players/conversation.ts'
import { speak, toAnswer } from '../../players/step.ts'
import { briefedTasks } from '../../players/worker.ts'

type Act = (request: MessagesRequest, signal: AbortSignal) => Promise<Line>

/**
 * Holds every worker between the brief of its task and the end of its turn. Meanwhile an attacker
 * does in its container what it likes.
 */
export class HeldWorkers {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** The worker of this task has read its brief. */
  isHeld(task: string): boolean {
    return this.#waiting.has(task)
  }

  /** Its worker ends its turn, and gets the next task if it has reported this one. */
  release(task: string): void {
    for (const go of this.#waiting.get(task) ?? []) go()
  }

  through(act: Act): Act {
    return async (request, signal) => {
      const conversation = readConversation(request)
      // A task that comes back is briefed again.
      const task = briefedTasks({ ...conversation, earlier: [] }).at(-1)
      if (task === undefined) return act(request, signal)
      await this.#hold(task, signal)
      const answer = toAnswer(speak('This is all.'))
      return { answer, role: 'worker', prompt: conversation.prompt, complaint: null }
    }
  }

  async #hold(task: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const held = this.#waiting.get(task) ?? new Set()
    this.#waiting.set(task, held.add(resolve))
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    held.delete(resolve)
    if (held.size === 0) this.#waiting.delete(task)
  }
}
