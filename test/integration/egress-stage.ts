import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import net, { type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import { InstanceId } from '../../src/core/model/ids.ts'
import { type EgressPolicy, parseAllowedHost } from '../../src/egress/allow-list.ts'
import { connectDirectly } from '../../src/egress/connect.ts'
import {
  createEgressProxy,
  type EgressListener,
  type EgressOptions,
  type EgressProxy,
} from '../../src/egress/egress-proxy.ts'
import { egressLimits } from '../../src/egress/limits.ts'
import type { LargeUpload, ProxyError, TunnelRecord } from '../../src/egress/records.ts'
import type { Refusal } from '../../src/egress/refusal.ts'
import { onEnd, temporary } from './egress-hosts.ts'

export const worker1 = InstanceId('worker-1')
export const publicAddress = '93.184.216.34'

export const allowing = (...texts: string[]): EgressPolicy => policyOf('sealed', texts)
export const proxied = (...texts: string[]): EgressPolicy => policyOf('proxied', texts)

function policyOf(mode: EgressPolicy['mode'], texts: readonly string[]): EgressPolicy {
  const allow = texts.map((each) => {
    const parsed = parseAllowedHost(each)
    if (!parsed.ok) throw new Error(`${each} ${parsed.problem}`)
    return parsed.host
  })
  return { mode, allow }
}

export interface EgressStage {
  readonly proxy: EgressProxy
  readonly listener: EgressListener
  readonly socketPath: string
  /** May change while the proxy runs. */
  policy: EgressPolicy
  /** The answer of the resolver for each name, for the first question and so on. */
  readonly names: Map<string, readonly (readonly string[])[]>
  readonly lookups: string[]
  /** `address:port` of the world, and the port of this machine that stands for it. */
  readonly hosts: Map<string, number>
  readonly connected: { readonly address: string; readonly port: number; readonly socket: Socket }[]
  readonly tunnels: TunnelRecord[]
  readonly refusals: Refusal[]
  readonly uploads: LargeUpload[]
  readonly errors: ProxyError[]
}

export async function startEgress(
  policy: EgressPolicy,
  {
    limits = {},
    ...options
  }: Partial<Omit<EgressOptions, 'limits' | 'policy'>> & {
    readonly limits?: Partial<typeof egressLimits>
  } = {},
): Promise<EgressStage> {
  const stage = { policy, names: new Map(), lookups: [], hosts: new Map(), connected: [] } as {
    policy: EgressPolicy
  } & Pick<EgressStage, 'names' | 'lookups' | 'hosts' | 'connected'>
  const tunnels: TunnelRecord[] = []
  const refusals: Refusal[] = []
  const uploads: LargeUpload[] = []
  const errors: ProxyError[] = []
  const proxy = createEgressProxy({
    policy: () => stage.policy,
    onTunnel: (record) => tunnels.push(record),
    onRefused: (refusal) => refusals.push(refusal),
    onLargeUpload: (upload) => uploads.push(upload),
    onError: (error) => errors.push(error),
    resolve: async (name) => {
      const answers = stage.names.get(name) ?? []
      const asked = stage.lookups.filter((each) => each === name).length
      stage.lookups.push(name)
      return answers[Math.min(asked, answers.length - 1)] ?? []
    },
    connect: async (target, signal) => {
      const address = target.addresses[0] ?? ''
      const port = stage.hosts.get(`${address}:${target.port}`)
      if (port === undefined) throw new Error(`nothing listens on ${address}:${target.port}`)
      const here = { ...target, host: '127.0.0.1', addresses: ['127.0.0.1'], port }
      const socket = await connectDirectly(here, signal)
      stage.connected.push({ address, port: target.port, socket })
      return socket
    },
    limits: { ...egressLimits, ...limits },
    ...options,
  })
  onEnd(() => proxy[Symbol.dispose]())
  const listener = proxy.listenerFor(worker1)
  const socketPath = join(temporary(), 'egress.sock')
  await once(listener.server.listen(socketPath), 'listening')
  return Object.assign(stage, { proxy, listener, socketPath, tunnels, refusals, uploads, errors })
}

/** A host of the world: its name, its only address and what listens there. */
export function place(stage: EgressStage, name: string, port: number, at: number): void {
  stage.names.set(name, [[publicAddress]])
  stage.hosts.set(`${publicAddress}:${port}`, at)
}

/** A connection to the proxy, on which the test writes whatever it wants. */
export async function connectRaw({ socketPath }: EgressStage): Promise<Socket> {
  const socket = net.connect({ path: socketPath, allowHalfOpen: true })
  socket.on('error', () => {})
  onEnd(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** What the proxy answers to these bytes until it closes the connection. */
export async function exchange(stage: EgressStage, bytes: string | Buffer): Promise<string> {
  const socket = await connectRaw(stage)
  socket.write(bytes)
  return await text(socket).catch(() => '')
}

export interface Tunnel {
  readonly status: number
  readonly socket: Socket
}

export async function openTunnel(stage: EgressStage, authority: string): Promise<Tunnel> {
  const socket = await connectRaw(stage)
  const request = http.request({
    createConnection: () => socket,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority },
  })
  request.end()
  const [response, , head] = (await Promise.race([
    once(request, 'connect'),
    once(request, 'response'),
  ])) as [IncomingMessage, Socket?, Buffer?]
  if (head !== undefined && head.length > 0) socket.unshift(head)
  return { status: response.statusCode ?? 0, socket }
}

/** Resolves when the other side has ended the connection, in whichever way. */
export async function ended(socket: Socket): Promise<void> {
  await Promise.race([once(socket.resume(), 'end'), once(socket, 'close')]).catch(() => {})
}

/** A TLS client within the tunnel; rejects when the handshake fails. */
export async function handshake(
  socket: Socket,
  options: tls.ConnectionOptions,
): Promise<tls.TLSSocket> {
  const secure = tls.connect({ socket, rejectUnauthorized: false, ...options })
  onEnd(() => void secure.destroy())
  await once(secure, 'secureConnect')
  return secure
}

/** Asks in plain HTTP, as clients ask a proxy. */
export async function ask(
  { socketPath }: EgressStage,
  url: string,
  options: http.RequestOptions & { readonly body?: Buffer } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  const { body, ...rest } = options
  const { host } = new URL(url)
  const request = http.request({ socketPath, path: url, headers: { host }, agent: false, ...rest })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  }
}

/** Resolves when the list holds so many. */
export async function until(list: readonly unknown[], count: number): Promise<void> {
  while (list.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
}
