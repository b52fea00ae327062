import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { createSecureContext, getCACertificates } from 'node:tls'
import { TunnelRefused } from '../egress/ask-proxy.ts'
import { keepAlive } from '../lib/keep-alive.ts'
import { answerOfProxy, hrefOf, type Outbound, withoutPassword } from './outbound.ts'
import { createRoute, type LookUp } from './route.ts'
import { TunnelAgent } from './tunnel-agent.ts'

/** How a request goes to its host. */
export interface Way {
  readonly agent: http.Agent
  readonly isDirect: boolean
  /** The failure of a request in the operator's terms, when the proxy caused it. */
  explain(error: Error): Error
  /** Null for an answer of the host. A plain request has no tunnel: the proxy may answer it. */
  refusalIn(response: IncomingMessage): Error | null
}

export interface Agents extends Disposable {
  /** `isFresh`: on a connection that no other request uses. */
  wayTo(url: URL, options?: { readonly isFresh?: boolean }): Promise<Way>
}

type Pair = Readonly<Record<'http:' | 'https:', http.Agent>>

interface Agency {
  readonly kept: Pair
  readonly fresh: Pair
}

/** Connections of the server to other hosts: through the proxy, or to the host itself. */
export function createAgents(outbound: Outbound, lookUp?: LookUp): Agents {
  const { proxy, certificates } = outbound
  const goesDirectly = createRoute(outbound, lookUp)
  // Read once: for every connection they would be read again, which takes 13 ms.
  const ca =
    certificates.length === 0
      ? {}
      : { secureContext: createSecureContext({ ca: [...getCACertificates(), ...certificates] }) }
  const both = (make: (options: https.AgentOptions) => Pair): Agency => ({
    kept: make({ ...ca, keepAlive: true, keepAliveMsecs: keepAlive.keepAliveInitialDelay }),
    fresh: make(ca),
  })
  const direct = both((options) => ({
    'http:': new http.Agent(options),
    'https:': new https.Agent(options),
  }))
  const proxied =
    proxy === null
      ? direct
      : both((options) => ({
          'http:': new http.Agent({ ...options, proxyEnv: { HTTP_PROXY: hrefOf(proxy) } }),
          'https:': new TunnelAgent(proxy, (error) => tunnelFailure(proxy, error), options),
        }))
  return {
    async wayTo(url, { isFresh = false } = {}) {
      const isDirect = await goesDirectly(url.hostname)
      const { fresh, kept } = isDirect ? direct : proxied
      const agent = (isFresh ? fresh : kept)[url.protocol === 'https:' ? 'https:' : 'http:']
      return proxy === null || isDirect ? directWay(agent) : wayThrough(proxy, agent)
    },
    [Symbol.dispose]() {
      for (const { kept, fresh } of [direct, proxied])
        for (const agent of [...Object.values(kept), ...Object.values(fresh)]) agent.destroy()
    },
  }
}

const directWay = (agent: http.Agent): Way => ({
  agent,
  isDirect: true,
  explain: (error) => error,
  refusalIn: () => null,
})

const wayThrough = (proxy: URL, agent: http.Agent): Way => ({
  agent,
  isDirect: false,
  explain: (error) => explained(proxy, error),
  refusalIn: ({ statusCode }) =>
    statusCode === 407 ? new Error(answerOfProxy(proxy, statusCode)) : null,
})

function tunnelFailure(proxy: URL, error: Error): Error {
  const known = explained(proxy, error)
  if (known !== error) return known
  const status = error instanceof TunnelRefused ? error.status : null
  return new Error(answerOfProxy(proxy, status), { cause: error })
}

function explained(proxy: URL, error: NodeJS.ErrnoException): Error {
  const { code, syscall } = error
  // There is no other connection than that to the proxy.
  if (syscall !== 'connect' && syscall !== 'getaddrinfo') return error
  const what = `the upstream proxy ${withoutPassword(proxy)} cannot be reached (${code})`
  return new Error(what, { cause: error })
}
