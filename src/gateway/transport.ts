import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'
import { endWith } from '../lib/end-with.ts'
import { keepAlive } from '../lib/keep-alive.ts'
import { createAgents, type Way } from '../outbound/agents.ts'
import { type Outbound, plainOutbound } from '../outbound/outbound.ts'
import type { Body } from './body.ts'
import type { GatewayLimits } from './limits.ts'

export interface Sending {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: OutgoingHttpHeaders
  readonly body: Body | null
}

export interface Transport extends Disposable {
  /** Resolves when the answer's headers are there. The caller must read or destroy its body. */
  send(sending: Sending, signal: AbortSignal): Promise<IncomingMessage>
}

export function createTransport(
  limits: GatewayLimits,
  outbound: Outbound = plainOutbound,
): Transport {
  const agents = createAgents(outbound)
  return {
    async send(sending, signal) {
      const { protocol } = sending.url
      if (protocol !== 'http:' && protocol !== 'https:')
        throw new Error(`${protocol} is not a protocol of the model's API`)
      const order: Order = { ...sending, protocol, signal, limits }
      try {
        return await sendOnce(order, await agents.wayTo(sending.url))
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error
        return await sendOnce(order, await agents.wayTo(sending.url, { isFresh: true }))
      }
    },
    [Symbol.dispose]: () => agents[Symbol.dispose](),
  }
}

/** The provider closed a kept-alive connection before its reuse, without reading the request. */
class StaleConnection extends Error {}

interface Order extends Sending {
  readonly protocol: 'http:' | 'https:'
  readonly signal: AbortSignal
  readonly limits: GatewayLimits
}

function sendOnce(
  { method, url, headers, body, protocol, signal, limits }: Order,
  way: Way,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const isSecure = protocol === 'https:'
  const request = (isSecure ? https : http).request(url, {
    ...{ method, headers },
    agent: way.agent,
    ...keepAlive,
  })
  endWith(request, signal)
  let deadline = failIn(request, limits.connectTimeoutMs, 'connecting')
  const awaitHeaders = (): void => {
    clearTimeout(deadline)
    deadline = failIn(request, limits.headersTimeoutMs, 'waiting for the answer')
  }
  request.once('socket', (socket) => {
    if (request.reusedSocket) awaitHeaders()
    else socket.once(isSecure ? 'secureConnect' : 'connect', awaitHeaders)
  })
  request.once('response', (response) => {
    clearTimeout(deadline)
    const refusal = way.refusalIn(response)
    if (refusal === null) return resolve(response)
    response.destroy()
    reject(refusal)
  })
  request.on('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(deadline)
    if (signal.aborted) return reject(signal.reason)
    reject(
      request.reusedSocket && error.code === 'ECONNRESET'
        ? new StaleConnection('', { cause: error })
        : way.explain(error),
    )
  })
  // Of an answer that is an upgrade, Node says nothing else.
  request.once('close', () => reject(new Error('the connection ended without an answer')))
  for (const chunk of body?.chunks ?? []) request.write(chunk)
  request.end()
  return promise
}

function failIn(request: ClientRequest, delayMs: number, what: string): NodeJS.Timeout {
  return setTimeout(
    () => request.destroy(new Error(`${what} took longer than ${delayMs} ms`)),
    delayMs,
  )
}
