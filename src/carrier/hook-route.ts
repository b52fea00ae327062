import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from './body.ts'
import type { Delivery } from './delivery.ts'
import { largestEvent } from './event-limit.ts'
import { LostEvent } from './outbox.ts'
import { withReset } from './reset.ts'
import type { Spool } from './spool.ts'

/** Milliseconds. Claude Code waits for the answer; without a server it must not wait for long. */
const answerLimitMs = 1_900

export const hookPath = /^\/hooks\/(\w+)$/

/** Takes the hooks of Claude Code, and answers with what the server answers. */
export class HookRoute {
  readonly #delivery: Delivery
  readonly #spool: Spool

  constructor(delivery: Delivery, spool: Spool) {
    this.#delivery = delivery
    this.#spool = spool
  }

  /** The answer is empty when the server gives none in time; the event is sent to it later. */
  async answer(event: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await readBody(request, largestEvent)
    const body = event === 'StopFailure' ? await withReset(received) : received
    this.takeSpooled()
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(answerLimitMs)])
    const answer = await this.#delivery.take(event, body, signal).catch(reportLost)
    response.setHeader('Content-Type', 'application/json').end(answer || '{}')
  }

  /** They are older than what comes now. */
  takeSpooled(): void {
    this.#spool.take(({ event, body }) => {
      const noWaiter = AbortSignal.abort()
      void this.#delivery.take(event, body, noWaiter).catch(reportLost)
    })
  }
}

function reportLost(error: unknown): null {
  if (!(error instanceof LostEvent)) throw error
  process.stderr.write(`carrier: ${error.message}\n`)
  return null
}
