import http from 'node:http'
import type { Socket } from 'node:net'
import { keepAlive } from '../lib/keep-alive.ts'

/** The proxy answers, and opens no tunnel. */
export class TunnelRefused extends Error {
  readonly status: number | null

  constructor(status: number | undefined) {
    super(`no tunnel: ${status}`)
    this.status = status ?? null
  }
}

/**
 * Resolves with a tunnel to `authority`. Rejects with `TunnelRefused`, or with the error of the
 * connection, which is closed then. Node bounds the size of the answer's header.
 */
export function askProxy(url: URL, authority: string, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const request = http.request({
    ...addressOf(url),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyAuthorization(url) },
    agent: false,
    ...keepAlive,
  })
  const abort = (): void => {
    request.destroy(new Error('the upstream proxy took too long', { cause: signal.reason }))
  }
  signal.addEventListener('abort', abort, { once: true })
  request.once('connect', ({ statusCode }, socket, head) => {
    if (statusCode !== 200) {
      socket.destroy()
      reject(new TunnelRefused(statusCode))
      return
    }
    if (head.length > 0) socket.unshift(head)
    resolve(socket)
  })
  request.once('response', (response) => {
    response.destroy()
    reject(new TunnelRefused(response.statusCode))
  })
  request.on('error', reject)
  request.end()
  return promise.finally(() => signal.removeEventListener('abort', abort))
}

const addressOf = ({ hostname, port }: URL): { host: string; port: number } => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port: port === '' ? 80 : Number(port),
})

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
