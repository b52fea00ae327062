import { once } from 'node:events'
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import { afterEach } from 'vitest'
import type { Usage } from '../../src/core/model/ledger.ts'
import { CredentialId, InstanceId } from '../../src/core/model/ids.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import type { GatewayDeps, Secret } from '../../src/gateway/deps.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { gatewayLimits } from '../../src/gateway/limits.ts'
import { type Outbound, plainOutbound } from '../../src/outbound/outbound.ts'

export const worker1 = InstanceId('worker-1')
export const launchToken = 'worker-1.1.launch-canary'
export const secretOf = (name: string): string => `sk-upstream-canary-${name}`

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
  readonly sockets: ReadonlySet<Socket>
}

/** A real server in the place of the model's API, which says what the test wants. */
export async function startUpstream(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Upstream> {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      })
      answer(request, response)
    })
  })
  server.on('connection', (socket) => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface GatewayStage extends AsyncDisposable {
  readonly url: string
  readonly refused: { readonly credential: CredentialId; readonly modelError: ModelError }[]
  readonly used: { readonly credential: CredentialId; readonly usage: Usage }[]
  readonly windows: object[]
}

export interface StageOptions {
  /** In the order in which they are leased; each is identified by its name. */
  readonly credentials: Readonly<Record<string, string>>
  readonly header?: Secret['header']
  readonly limits?: Partial<typeof gatewayLimits>
  /** What the core answers to a refusal instead of the next credential. */
  readonly onRefused?: GatewayDeps['onRefused']
  readonly objectionTo?: GatewayDeps['objectionTo']
  readonly sealed?: boolean
  readonly outbound?: Outbound
}

/** The gateway in a real server; `credentials` gives the base URL of each. */
export async function openGateway({
  credentials,
  header = 'x-api-key',
  limits = {},
  onRefused,
  objectionTo = null,
  sealed = false,
  outbound = plainOutbound,
}: StageOptions): Promise<GatewayStage> {
  const names = Object.keys(credentials).map(CredentialId)
  const [refused, used, windows]: [GatewayStage['refused'], GatewayStage['used'], object[]] = [
    [],
    [],
    [],
  ]
  const deps: GatewayDeps = {
    identify: (token) => {
      if (token === 'worker-1.0.old') return 'older-launch'
      return token === launchToken ? { instance: worker1, launch: 1 } : null
    },
    leaseOf: () => names[0] ?? null,
    secretOf: (name) => {
      const baseUrl = credentials[name]
      return baseUrl === undefined ? null : { header, value: secretOf(name), baseUrl }
    },
    onRefused: (refusal) => {
      refused.push({ credential: refusal.credential, modelError: refusal.modelError })
      return onRefused ? onRefused(refusal) : (names[names.indexOf(refusal.credential) + 1] ?? null)
    },
    onUsage: ({ credential, usage }) => used.push({ credential, usage }),
    onWindow: (window) => windows.push(window),
    objectionTo,
    sealed,
    outbound,
    now: Date.now,
  }
  const app = fastify({ bodyLimit: 1_024, forceCloseConnections: true })
  await app.register(createGateway(deps, { ...gatewayLimits, ...limits }), { prefix: '/gateway' })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `${url}/gateway`, refused, used, windows, [Symbol.asyncDispose]: () => app.close() }
}

/**
 * Opens a gateway before one upstream with two credentials, and closes what a test has opened
 * behind it.
 */
export function useGateways() {
  let stack = new AsyncDisposableStack()
  afterEach(async () => {
    await stack.disposeAsync()
    stack = new AsyncDisposableStack()
  })
  return {
    resources: () => stack,
    open: async (
      answer: Parameters<typeof startUpstream>[0],
      options: Partial<StageOptions> = {},
    ): Promise<[GatewayStage, Upstream]> => {
      const upstream = stack.use(await startUpstream(answer))
      return [
        stack.use(
          await openGateway({ credentials: { a: upstream.url, b: upstream.url }, ...options }),
        ),
        upstream,
      ]
    },
  }
}

type Question = Omit<RequestInit, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>
}

export const ask = (
  gateway: { readonly url: string },
  init: Question = {},
  path = '/v1/messages?beta=true',
): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    body: '{"model":"claude-sonnet-5-5","messages":[]}',
    ...init,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${launchToken}`,
      ...init.headers,
    },
  })

/** As `fetch`, without its buffers: the caller reads as slowly as it likes. */
export function askSlowly(gateway: { readonly url: string }): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers: OutgoingHttpHeaders = {
    authorization: `Bearer ${launchToken}`,
    'content-type': 'application/json',
  }
  http
    .request(`${gateway.url}/v1/messages`, { method: 'POST', headers, agent: false })
    .once('response', resolve)
    .once('error', reject)
    .end('{}')
  return promise
}

const event = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
export const messageStart = event('message_start', {
  message: { model: 'claude-sonnet-5-5', usage: { input_tokens: 10, output_tokens: 1 } },
})
export const words = (text: string): string =>
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
export const messageEnd =
  event('message_delta', { usage: { output_tokens: 7 } }) + event('message_stop')

export const streamHeaders = { 'content-type': 'text/event-stream' }
export const streamWhole = (response: ServerResponse): void => {
  response.writeHead(200, streamHeaders).end(messageStart + words('hello') + messageEnd)
}
