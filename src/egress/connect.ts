import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { keepAlive } from '../lib/keep-alive.ts'
import { askProxy, TunnelRefused } from './ask-proxy.ts'
import type { ResolvedTarget } from './resolved.ts'
import { authorityOf } from './target.ts'

/** Resolves with a connection that is open; its other side is `target`, or a way to it. */
export type Connect = (target: ResolvedTarget, signal: AbortSignal) => Promise<Socket>

/** Tried one after the other, beginning the next after this time. */
const nextAddressMs = 500

/** Connects to the addresses that were judged; the name is not looked up again. */
export const connectDirectly: Connect = (target, signal) => {
  const { host, port, addresses } = target
  const socket = connectTcp({
    host,
    port,
    lookup: lookupIn(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressMs,
    allowHalfOpen: true,
    noDelay: true,
    ...keepAlive,
  })
  return opened(socket, signal)
}

function lookupIn(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_name, { all }, callback) => {
    if (all === true) callback(null, answers)
    else callback(null, answers[0]?.address ?? '', answers[0]?.family)
  }
}

function opened(socket: Socket, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const abort = (): void => {
    socket.destroy(new Error('connecting took too long', { cause: signal.reason }))
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.once('connect', () => resolve(socket))
  socket.on('error', reject)
  return promise.finally(() => signal.removeEventListener('abort', abort))
}

/** A tunnel through the operator's HTTP proxy, which resolves the name. */
export function connectThrough(url: URL): Connect {
  return (target, signal) => {
    const authority = authorityOf(target)
    return askProxy(url, authority, signal).catch((cause: unknown) => {
      const what =
        cause instanceof TunnelRefused
          ? refusalOf(url, cause.status, authority)
          : `the upstream proxy ${url.origin} cannot be reached`
      throw new Error(what, { cause })
    })
  }
}

/** For the operator: names the proxy, and never its password. */
function refusalOf(url: URL, status: number | null, authority: string): string {
  const answer = `the upstream proxy ${url.origin} answers ${status} for ${authority}`
  return status === 407 ? `${answer}: it refuses the user name and password of its URL` : answer
}
