import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Ended, endedBySignal, type Invocation } from './invocation.ts'
import type { Order, Reply } from './thread.ts'

/**
 * The thread that starts git. It begins with the first call. When it dies, its calls end as those
 * of a git that was killed, and the next call begins another one. It keeps the process alive only
 * while git runs.
 */
export class GitThread implements AsyncDisposable {
  #worker: Worker | null = null
  readonly #waiting = new Map<number, (outcome: Reply['outcome']) => void>()
  #last = 0

  async run(invocation: Invocation): Promise<Ended> {
    const outcome = await this.#ask(invocation)
    if (typeof outcome === 'string') throw new Error(outcome)
    return outcome
  }

  #ask(invocation: Invocation): Promise<Reply['outcome']> {
    this.#worker ??= this.#begin()
    const worker = this.#worker
    this.#last += 1
    const order: Order = { number: this.#last, invocation }
    return new Promise((end) => {
      this.#waiting.set(order.number, end)
      worker.ref()
      worker.postMessage(order, [])
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate()
  }

  /** With no environment and no arguments of the server: each call brings what git gets. */
  #begin(): Worker {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      env: compileCache(),
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    let reason = 'the thread that runs git ended'
    worker.on('message', ({ number, outcome }: Reply) => {
      this.#waiting.get(number)?.(outcome)
      this.#waiting.delete(number)
      if (this.#waiting.size === 0) worker.unref()
    })
    worker.on('error', (error) => {
      reason = `the thread that runs git failed: ${String(error)}`
    })
    worker.on('exit', () => this.#lose(reason))
    return worker
  }

  #lose(reason: string): void {
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#worker = null
    for (const end of lost) end(killed(reason))
  }
}

/** Where the server keeps what was compiled, its thread does, too: half of the memory is saved. */
function compileCache(): Readonly<Record<string, string>> {
  const directory = getCompileCacheDir()
  // Node adds the name of its version.
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) }
}

/** After no time: what git was given to read did not use up any limit. */
const killed = (failure: string): Ended => ({
  exitCode: endedBySignal,
  stdout: new Uint8Array(),
  stderr: '',
  printedTooMuch: false,
  elapsedMs: 0,
  failure,
})
