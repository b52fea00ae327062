import type { ClientRequest } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { askProxy } from '../egress/ask-proxy.ts'
import { authorityOf } from '../egress/target.ts'
import { Tunnel } from './tunnel.ts'

/**
 * TLS through the proxy. Node's own agent gives a request its socket when the tunnel is open; until
 * then nothing ends the request, neither `destroy` nor its signal. Here a request has its socket
 * from the beginning, so that what ends the request closes the connection to the proxy.
 */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL
  readonly #explain: (error: Error) => Error
  readonly #tunnels = new WeakMap<Duplex, Tunnel>()

  constructor(proxy: URL, explain: (error: Error) => Error, options: https.AgentOptions) {
    super(options)
    this.#proxy = proxy
    this.#explain = explain
  }

  override createConnection(options: https.RequestOptions): Duplex | null | undefined {
    const authority = authorityOf({ host: options.host ?? '', port: Number(options.port) })
    const tunnel = new Tunnel((signal) =>
      askProxy(this.#proxy, authority, signal).catch((error: unknown) => {
        throw this.#explain(error as Error)
      }),
    )
    const onTunnel = { ...options, socket: tunnel }
    const secure = super.createConnection(onTunnel)
    if (secure) this.#tunnels.set(secure, tunnel)
    return secure
  }

  /** A kept connection does not keep the process running; TLS over a stream cannot say so to it. */
  override keepSocketAlive(socket: Duplex): void {
    const tunnel = this.#tunnels.get(socket)
    if (tunnel !== undefined) tunnel.isIdle = true
    // Node reads the answer, which its types leave out.
    return super.keepSocketAlive(socket)
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const tunnel = this.#tunnels.get(socket)
    if (tunnel !== undefined) tunnel.isIdle = false
    super.reuseSocket(socket, request)
  }
}
