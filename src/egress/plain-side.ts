import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { paceRequests } from '../lib/paced-requests.ts'
import { answer } from './answers.ts'
import type { Outlet, Reached } from './outlet.ts'
import { passRequest } from './plain-request.ts'
import { PlainTallies } from './plain-tallies.ts'
import { Refused, sentenceOf, statusOf } from './refusal.ts'
import { type PlainRequest, readAbsoluteForm, readOriginForm } from './request-form.ts'
import type { Target } from './target.ts'

/** Requests of one connection that were sent before the answer to the first; apt sends ten. */
const mostPipelined = 16

interface Connection {
  readonly tallies: PlainTallies
  open: number
}

/** Requests in plain HTTP: each one is judged, however many share a connection. */
export class PlainSide {
  readonly #outlet: Outlet
  readonly #inner: Server
  readonly #serveConnection: (connection: Duplex) => Duplex
  readonly #tunnels = new WeakMap<Duplex, Target>()
  readonly #deadlines = new WeakMap<Duplex, NodeJS.Timeout>()
  readonly #connections = new WeakMap<Duplex, Connection>()

  constructor(outlet: Outlet) {
    this.#outlet = outlet
    const { limits } = outlet.deps
    this.#inner = http.createServer((request, response) => {
      this.#start(request, response, () => readWithin(request, this.#tunnels))
    })
    this.#inner.on('clientError', (_error, socket) => socket.destroy())
    this.#inner.setTimeout(limits.idleMs)
    this.#serveConnection = paceRequests(this.#inner)
  }

  /** In absolute form, as clients ask a proxy. */
  serveAbsolute(request: IncomingMessage, response: ServerResponse): void {
    this.#start(request, response, () => readAbsoluteForm(request))
  }

  /** What comes through a tunnel to port 80 is HTTP for its host, and nothing else. */
  serveTunnel(tunnel: Duplex, target: Target): void {
    const socket = this.#serveConnection(tunnel)
    this.#tunnels.set(socket, target)
    // A server that does not listen looks after no timeouts of its own.
    const deadline = setTimeout(() => socket.destroy(), this.#outlet.deps.limits.headMs)
    this.#deadlines.set(socket, deadline)
    socket.once('close', () => clearTimeout(deadline))
  }

  /** Whatever a request breaks, it breaks its own connection and nothing else. */
  #start(request: IncomingMessage, response: ServerResponse, read: () => PlainRequest): void {
    this.#serve(request, response, read).catch((error: unknown) => {
      this.#outlet.reportError(error)
      request.socket.destroy()
    })
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    read: () => PlainRequest,
  ): Promise<void> {
    clearTimeout(this.#deadlines.get(request.socket))
    const connection = this.#connectionOf(request.socket)
    connection.open += 1
    try {
      if (connection.open > mostPipelined) throw new Refused('too-many')
      await this.#pass(request, response, connection.tallies, read())
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const asked = request.url ?? ''
      this.#outlet.reportRefusal(asked, error)
      answer(response, statusOf(error.reason), sentenceOf(asked, error.reason))
    } finally {
      connection.open -= 1
    }
  }

  async #pass(
    request: IncomingMessage,
    response: ServerResponse,
    tallies: PlainTallies,
    plain: PlainRequest,
  ): Promise<void> {
    const { target } = plain
    using _turn = await this.#outlet.enter(target)
    let reached: Reached
    try {
      reached = await this.#outlet.connect(target)
    } catch (error) {
      if (error instanceof Refused) throw error
      this.#outlet.reportUnreachable(target, 'plain', error)
      return answer(response, 502, `${target.host} cannot be reached`)
    }
    if (response.destroyed) return void reached.host.destroy()
    await passRequest(this.#outlet, tallies, plain.path, { request, response, ...reached })
  }

  #connectionOf(socket: Duplex): Connection {
    const known = this.#connections.get(socket)
    if (known !== undefined) return known
    const connection = { tallies: new PlainTallies(this.#outlet), open: 0 }
    this.#connections.set(socket, connection)
    socket.once('close', () => connection.tallies.close())
    return connection
  }
}

function readWithin(request: IncomingMessage, tunnels: WeakMap<Duplex, Target>): PlainRequest {
  const target = tunnels.get(request.socket)
  if (target === undefined) throw new Refused('request')
  return readOriginForm(request, target)
}
