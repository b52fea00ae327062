import http, {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import type { Outlet, Reached } from './outlet.ts'
import type { PlainTallies } from './plain-tallies.ts'
import { answer } from './answers.ts'
import { Refused } from './refusal.ts'
import type { PlainRequest } from './request-form.ts'
import type { Target } from './target.ts'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Sends a request to `host` and its answer back. Resolves when the answer is over. */
export async function passRequest(
  outlet: Outlet,
  tallies: PlainTallies,
  path: string,
  { request, response, target, host }: Reached & Exchange,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  using entry = tallies.begin(target)
  const { tally } = entry
  using _open = outlet.keep(target, () => {
    tally.end = 'stopped'
    response.destroy()
  })
  const outgoing = send(request, { target, path }, host)
  outgoing.setTimeout(outlet.deps.limits.idleMs, () => outgoing.destroy())
  outgoing.once('response', (incoming) => {
    incoming.on('data', (chunk: Buffer) => {
      tally.receivedBytes += chunk.length
    })
    incoming.on('error', () => response.destroy())
    try {
      response.writeHead(incoming.statusCode ?? 0, endToEnd(incoming))
    } catch (cause) {
      // Node reads more than it writes: the status 000, for one.
      return void outgoing.destroy(new Error('the answer cannot be passed on', { cause }))
    }
    incoming.pipe(response)
  })
  // No request asks for one, so that no answer can turn into a tunnel.
  outgoing.once('upgrade', (_, socket) => {
    socket.on('error', () => undefined)
    socket.destroy()
    outgoing.emit('error', new Error('an upgrade'))
  })
  outgoing.on('error', () => {
    if (tally.end === 'closed') tally.end = 'broken'
    if (response.headersSent) response.destroy()
    else answer(response, 502, `${target.host} gave no answer that can be read`)
  })
  response.once('close', () => {
    outgoing.destroy()
    host.destroy()
    resolve()
  })
  outlet.countSent(tally, target, headBytes(request, path))
  request.on('data', (chunk: Buffer) => outlet.countSent(tally, target, chunk.length))
  request.pipe(outgoing)
  await promise
}

/** A path or a header carries data out as well as a body does. */
const headBytes = ({ rawHeaders }: IncomingMessage, path: string): number =>
  [path, ...rawHeaders].reduce((sum, text) => sum + Buffer.byteLength(text), 0)

function send(
  request: IncomingMessage,
  { target, path }: PlainRequest,
  host: Duplex,
): http.ClientRequest {
  try {
    return http.request({
      createConnection: () => host,
      method: request.method ?? 'GET',
      path,
      headers: headersFor(request, target),
      setHost: false,
    })
  } catch {
    host.destroy()
    throw new Refused('request', target)
  }
}

/** Headers of one connection (RFC 9110 §7.6.1), and those that a client says to its proxy. */
const keptBack = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'],
  ...['proxy-authenticate', 'proxy-authorization', 'host', 'http2-settings'],
])

function headersFor(request: IncomingMessage, { host, port }: Target): OutgoingHttpHeaders {
  const name = host.includes(':') ? `[${host}]` : host
  return { host: port === 80 ? name : `${name}:${port}`, ...endToEnd(request) }
}

function endToEnd({ headers, headersDistinct }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const framing = ['content-length', 'transfer-encoding']
  const kept = Object.entries(headersDistinct).filter(
    ([name]) => framing.includes(name) || (!keptBack.has(name) && !named.includes(name)),
  )
  return Object.fromEntries(kept)
}
