import { readConversation } from '../../src/rehearsal/players/conversation.ts'
import { briefedTasks } from '../../src/rehearsal/players/worker.ts'
import type { Line } from '../../src/rehearsal/model/server.ts'
import type { MessagesRequest } from '../../src/rehearsal/model/wire.ts'

/**
 * Where an instance is held: a worker with its files written and nothing committed, or with
 * everything reported and the turn about to end; the Manager with its plan made.
 */
type Place = 'before-commit' | 'before-stop' | 'before-plan'

/**
 * The model thinks for as long as the gate is shut: a worker that stands at it is at work until it
 * is killed or let through.
 */
export class Gate {
  readonly #waiting = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #free = new Set<string>()
  #places: ReadonlySet<Place>

  constructor(...places: readonly Place[]) {
    this.#places = new Set(places)
  }

  through(
    act: (request: MessagesRequest) => Line,
  ): (request: MessagesRequest, signal: AbortSignal) => Promise<Line> {
    return async (request, signal) => {
      const line = act(request)
      const place = placeOf(line, request)
      if (place !== null)
        await this.#pass(place, briefedTasks(readConversation(request)).at(-1) ?? '', signal)
      return line
    }
  }

  open(): void {
    this.shut()
  }

  /** From now on only these are shut. */
  shut(...places: readonly Place[]): void {
    this.#places = new Set(places)
    this.#notify()
  }

  /** Opens the gate for this task only, until `hold`. */
  letPass(task: string): void {
    this.#free.add(task)
    this.#notify()
  }

  hold(task: string): void {
    this.#free.delete(task)
  }

  /** Tasks whose workers stand at it. */
  get waiting(): readonly string[] {
    return [...this.#waiting].flatMap(([task, count]) => (count > 0 ? [task] : []))
  }

  async #pass(place: Place, task: string, signal: AbortSignal): Promise<void> {
    this.#count(task, 1)
    await this.#until(
      () => signal.aborted || !this.#places.has(place) || this.#free.has(task),
      signal,
    )
    this.#count(task, -1)
  }

  #count(task: string, by: number): void {
    this.#waiting.set(task, (this.#waiting.get(task) ?? 0) + by)
  }

  async #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    if (isSo()) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return
        this.#listeners.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#listeners.add(look)
      signal.addEventListener('abort', look)
    })
  }

  #notify(): void {
    for (const look of [...this.#listeners]) look()
  }
}

function placeOf({ role, answer }: Line, request: MessagesRequest): Place | null {
  const [step] = answer.blocks
  if (step?.type === 'tool_use' && step.name === 'mcp__orchestrator__submit_plan')
    return 'before-plan'
  if (role !== 'worker' || step === undefined) return null
  if (step.type === 'tool_use') return step.name === 'Bash' ? 'before-commit' : null
  return readConversation(request).exchanges.some(
    ({ tool }) => tool === 'mcp__orchestrator__report_done',
  )
    ? 'before-stop'
    : null
}
