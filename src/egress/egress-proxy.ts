import http, { type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { InstanceId } from '../core/model/ids.ts'
import { paceRequests } from '../lib/paced-requests.ts'
import type { EgressPolicy } from './allow-list.ts'
import { answerConnect } from './answer-connect.ts'
import { answerRaw } from './answers.ts'
import { type Connect, connectDirectly } from './connect.ts'
import { type EgressLimits, egressLimits } from './limits.ts'
import { lookUp } from './look-up.ts'
import { sharedLookups } from './lookups.ts'
import { type Account, openAccount, Outlet, type OutletDeps } from './outlet.ts'
import { PlainSide } from './plain-side.ts'
import type { LargeUpload, ProxyError, TunnelRecord } from './records.ts'
import { type Refusal, Refused } from './refusal.ts'
import type { Resolve } from './resolved.ts'
import { SlowNames } from './slow-names.ts'
import { createUpstream, type UpstreamProxy } from './upstream.ts'

export interface EgressOptions {
  /** Asked for every request, so that a change counts at once. */
  readonly policy: () => EgressPolicy
  /** When a tunnel, or a series of plain requests to one host, is over. */
  readonly onTunnel: (record: TunnelRecord) => void
  readonly onRefused: (refusal: Refusal) => void
  /** Once for each instance and host. */
  readonly onLargeUpload: (upload: LargeUpload) => void
  /** Errors within the proxy, at most a few of an instance. */
  readonly onError: (error: ProxyError) => void
  /** It resolves the names that this machine does not know. */
  readonly upstreamProxy?: UpstreamProxy
  readonly resolve?: Resolve
  readonly connect?: Connect
  readonly limits?: EgressLimits
}

export interface EgressProxy extends Disposable {
  /** A listener for one launch: what comes in there is asked by this instance. */
  listenerFor(instance: InstanceId): EgressListener
  /** Ends the connections that the policy refuses now. */
  policyChanged(): void
}

/** `server` is not listening yet. Disposing closes it and everything that came through it. */
export interface EgressListener extends Disposable {
  readonly server: Server
}

/** An HTTP proxy for instances that have no network of their own. */
export function createEgressProxy(options: EgressOptions): EgressProxy {
  const accounts = new Map<InstanceId, Account>()
  const outlets = new Map<Outlet, EgressListener>()
  const stopRefused = (): void => [...outlets.keys()].forEach((outlet) => outlet.stopRefused())
  const deps = depsOf(options, new SlowNames(stopRefused))
  return {
    listenerFor(instance) {
      const account = accounts.get(instance) ?? openAccount(instance, deps)
      accounts.set(instance, account)
      const outlet = new Outlet(account, deps)
      const listener = listenerOf(outlet, () => outlets.delete(outlet))
      outlets.set(outlet, listener)
      return listener
    },
    policyChanged: stopRefused,
    [Symbol.dispose]: () => [...outlets.values()].forEach((each) => each[Symbol.dispose]()),
  }
}

function depsOf(
  { resolve, connect, upstreamProxy, limits = egressLimits, ...rest }: EgressOptions,
  names: SlowNames,
): OutletDeps {
  return {
    ...rest,
    resolve: resolve ?? lookUp,
    connectDirectly: connect ?? connectDirectly,
    upstream: upstreamProxy === undefined ? null : createUpstream(upstreamProxy, names),
    limits,
    sharedLookups: sharedLookups(limits),
  }
}

function listenerOf(outlet: Outlet, onClose: () => void): EgressListener {
  const { limits } = outlet.deps
  const plain = new PlainSide(outlet)
  const server = http.createServer({
    headersTimeout: limits.headMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headMs),
    // An upload may take long; `idleMs` ends one without traffic.
    requestTimeout: 0,
    insecureHTTPParser: false,
  })
  server.maxConnections = limits.connections
  server.setTimeout(limits.idleMs)
  const sockets = new Set<Duplex>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => plain.serveAbsolute(request, response))
  server.on('connect', (request, socket, head) => {
    request.socket.setTimeout(0)
    if (head.length > 0) socket.unshift(head)
    const serveTunnel = plain.serveTunnel.bind(plain)
    answerConnect(outlet, serveTunnel, request, socket).catch((error: unknown) => {
      outlet.reportError(error)
      socket.destroy()
    })
  })
  server.on('clientError', (error, socket) => {
    // A connection may also end before a request.
    if ('bytesRead' in socket && socket.bytesRead !== 0)
      outlet.reportRefusal('', new Refused('request'))
    answerRaw(socket, codeOf(error), 'this is no request that the proxy can read')
  })
  paceRequests(server)
  return {
    server,
    [Symbol.dispose]: () => {
      outlet.stopAll()
      for (const socket of sockets) socket.destroy()
      server.close()
      onClose()
    },
  }
}

const codeOf = (error: Error): number =>
  'code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
