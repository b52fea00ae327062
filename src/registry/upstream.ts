import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'
import dns from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { classOf } from '../egress/address.ts'
import { endWith } from '../lib/end-with.ts'
import { type Agents, createAgents } from '../outbound/agents.ts'
import { type Outbound, plainOutbound } from '../outbound/outbound.ts'

export interface Upstream {
  /** Ends with a slash. */
  readonly url: URL
  /** Of the operator, for a private registry; sent to its own address only. */
  readonly token?: string
  /** How it is reached; not set: as usual. */
  readonly outbound?: Outbound
}

export interface Asking {
  readonly method: 'GET' | 'HEAD'
  /** Below the registry's address. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly headersMs: number
  /** Without a byte from the registry. */
  readonly idleMs: number
  readonly signal: AbortSignal
}

export interface RegistryClient extends Disposable {
  /** Resolves with the headers; follows redirects. The caller reads or destroys the body. */
  ask(asking: Asking): Promise<IncomingMessage>
}

const mostRedirects = 3
const redirects = [301, 302, 303, 307, 308]

export function createClient(upstream: Upstream): RegistryClient {
  const agents = createAgents(upstream.outbound ?? plainOutbound)
  const ask = async (asking: Asking): Promise<IncomingMessage> => {
    let url = new URL(asking.path, upstream.url)
    for (let hop = 0; hop <= mostRedirects; hop += 1) {
      const answer = await send(url, asking, upstream, agents)
      const { location } = answer.headers
      if (!redirects.includes(answer.statusCode ?? 0) || location === undefined) return answer
      answer.destroy()
      url = new URL(location, url)
      requireSafe(url, upstream)
    }
    throw new Error('the registry redirects too often')
  }
  return {
    ask,
    [Symbol.dispose]: () => agents[Symbol.dispose](),
  }
}

/** A redirect stays at the registry, or goes to a public host, as files of some registries do. */
function requireSafe(url: URL, { url: registry }: Upstream): void {
  if (url.origin === registry.origin) return
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isPrivate = isIP(address) !== 0 && classOf(address) !== 'public'
  if (url.protocol !== 'https:' || url.username !== '' || isPrivate)
    throw new Error('the registry redirects to a place that is not public')
}

async function send(
  url: URL,
  { method, headers, headersMs, idleMs, signal }: Asking,
  { url: registry, token }: Upstream,
  agents: Agents,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const isOwn = url.origin === registry.origin
  const way = await agents.wayTo(url)
  const isSecure = url.protocol === 'https:'
  const request = (isSecure ? https : http).request(url, {
    method,
    agent: way.agent,
    headers: {
      ...headers,
      ...(isOwn && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
    },
    // What goes to the proxy is resolved there.
    ...(isOwn || !way.isDirect ? {} : { lookup: publicLookup }),
  })
  endWith(request, signal)
  const deadline = setTimeout(
    () => request.destroy(new Error(`the registry gave no answer in ${headersMs} ms`)),
    headersMs,
  )
  request.setTimeout(idleMs, () => request.destroy(new Error('the registry fell silent')))
  request.once('response', (response) => {
    const refusal = way.refusalIn(response)
    if (refusal === null) return resolve(response)
    response.destroy()
    reject(refusal)
  })
  request.on('error', (error) => reject(signal.aborted ? signal.reason : way.explain(error)))
  // Of an answer that is an upgrade, Node says nothing else.
  request.once('close', () => reject(new Error('the connection ended without an answer')))
  request.end()
  try {
    return await promise
  } finally {
    clearTimeout(deadline)
  }
}

const publicLookup: LookupFunction = (name, options, callback) => {
  dns.lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    const isPublic = addresses.every(({ address }) => classOf(address) === 'public')
    if (!isPublic) return callback(new Error(`${name} is not a public host`), [])
    const [first] = addresses
    if (options.all === true) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family)
  })
}
