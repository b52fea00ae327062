import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { readMessage } from './message.ts'
import type { PostToServer } from './server-client.ts'
import type { RunTool, ToolOutcome } from './run-tool.ts'

/** Milliseconds in which the server answers a question, also when there is nothing to run. */
const longestWaitMs = 70_000
/** Milliseconds between two tries: at first, and at most. */
const pauses = { first: 500, longest: 5_000 }
/** Milliseconds until a server that does not know the question may be another one. */
const pauseWhenUnknown = 30_000
/** Milliseconds in which the server takes an outcome, and how often it is offered. */
const [answerLimitMs, tries] = [10_000, 20]

/** What the server wants to be run. */
interface Order {
  readonly id: string
  readonly argv: readonly string[]
}

/**
 * Runs the tools that the server asks for. It has one open request there, whose answer says what to
 * run, and the next one while a tool runs: by it the server sees that this program lives.
 */
export class ToolRuns {
  readonly #post: PostToServer
  readonly #runTool: RunTool
  readonly #carrier = randomUUID()
  readonly #running = new Set<string>()

  constructor(post: PostToServer, runTool: RunTool) {
    this.#post = post
    this.#runTool = runTool
  }

  /** Ends when the launch is over for the server. */
  async serve(): Promise<void> {
    let pauseMs = pauses.first
    for (;;) {
      const { status, body } = await this.#ask()
      if (status === 401 || status === 409) return
      const order = status === 200 ? readOrder(body) : null
      if (order !== null) void this.#run(order)
      if (order !== null || status === 204) {
        pauseMs = pauses.first
        continue
      }
      await delay(status === 404 ? pauseWhenUnknown : pauseMs)
      pauseMs = Math.min(2 * pauseMs, pauses.longest)
    }
  }

  #ask() {
    const question = { carrier: this.#carrier, running: [...this.#running] }
    return this.#send('/tool-runs/next', question, longestWaitMs)
  }

  async #run({ id, argv }: Order): Promise<void> {
    if (this.#running.has(id)) return
    this.#running.add(id)
    const outcome = await this.#runTool(argv).catch((error: unknown) => ({
      exitCode: -1,
      stdout: '',
      stderr: `${String(error)}\n`,
    }))
    await this.#finish(id, outcome)
    this.#running.delete(id)
  }

  /** Until the server has taken it, or does not wait for it any more. */
  async #finish(id: string, outcome: ToolOutcome): Promise<void> {
    for (let left = tries; left > 0; left -= 1) {
      const { status } = await this.#send(`/tool-runs/${id}`, outcome, answerLimitMs)
      if (status >= 200 && status < 500 && status !== 429) return
      await delay(pauses.first)
    }
  }

  /** The status is 0 when there is no whole answer. */
  #send(path: string, body: unknown, limitMs: number) {
    const signal = AbortSignal.timeout(limitMs)
    const post = { path, headers: {}, body: JSON.stringify(body), signal }
    return this.#post(post).catch(() => ({ status: 0, body: '' }))
  }
}

/** Null for what another program at the server's address may say. */
function readOrder(body: string): Order | null {
  const order = readMessage(body) as Partial<Order> | null
  return typeof order?.id === 'string' && Array.isArray(order.argv) ? (order as Order) : null
}
