import { setTimeout as delay } from 'node:timers/promises'
import { answerTo, errorTo, type Message, messagesIn } from './message.ts'
import type { Answer, PostToServer } from './server-client.ts'

/** Milliseconds between two tries while the server is away. */
const pauseMs = 500

/** This launch has ended for the server. */
export class LaunchIsOver extends Error {}

/**
 * The server's tools. Whatever is asked waits until the server is back: a call whose answer was
 * lost is made again, which the tools accept.
 */
export class ToolServer {
  readonly #post: PostToServer
  #last: Promise<unknown> = Promise.resolve()
  #list: Promise<unknown> | null = null

  constructor(post: PostToServer) {
    this.#post = post
  }

  /**
   * Asks once for the tools of this launch, which never change. Claude Code asks seconds later,
   * when it starts.
   */
  list(): Promise<unknown> {
    this.#list ??= this.#fetchList()
    return this.#list
  }

  /** Sends messages one after the other. Rejects when the launch is over, or by `signal`. */
  send(message: Message, signal: AbortSignal): Promise<readonly unknown[]> {
    const sent = this.#last.then(() => this.#untilAnswered(message, signal))
    this.#last = sent.catch(() => undefined)
    return sent
  }

  async #fetchList(): Promise<unknown> {
    const question = { jsonrpc: '2.0', id: 'list', method: 'tools/list' }
    for (;;) {
      const [answer] = await this.#untilAnswered(question, new AbortController().signal)
      const { result } = (answer ?? {}) as Message
      if (result !== undefined) return result
      await delay(pauseMs)
    }
  }

  async #untilAnswered(message: Message, signal: AbortSignal): Promise<readonly unknown[]> {
    const body = JSON.stringify(message)
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#post({ path: '/mcp', headers, body, signal }).catch(() => null)
      const messages = answer === null ? null : readAnswer(message, answer)
      if (messages !== null) return messages
      await delay(pauseMs, undefined, { signal })
    }
  }
}

const headers = { Accept: 'application/json, text/event-stream' }

/** Null for an answer that says to try again. */
function readAnswer(message: Message, { status, body }: Answer): readonly unknown[] | null {
  const messages = messagesIn(body)
  if (status >= 200 && status < 300) return messages
  // An error of the protocol, whatever its status.
  if (messages.some((each) => 'jsonrpc' in each)) return messages
  if (status === 401 || status === 409) throw new LaunchIsOver(`the server answered ${status}`)
  if (status === 400 || status === 413)
    return message.id === undefined
      ? []
      : [errorTo(message, -32_600, `refused with status ${status}`)]
  // It is about to end, or another program listens at its address.
  return null
}

/** What Claude Code asks when it connects; the tools follow in an answer of their own. */
export const introduction = (message: Message) =>
  answerTo(message, {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'orchestrator', version: '1' },
  })
