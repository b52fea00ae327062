import { Agent, request, type RequestOptions } from 'node:http'
import type { CarrierEnvironment } from './environment.ts'

export interface Post {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Posts JSON to the server. Rejects when there is no whole answer. */
export type PostToServer = (post: Post) => Promise<Answer>

/** The one that `src/claude/launch/protocol.ts` describes. */
const protocol = '2'

/**
 * Milliseconds. After a network cut the other side may have forgotten the connection; a keep-alive
 * probe finds that, and by default the first one is sent after two hours.
 */
const keepAliveProbeMs = 5_000

/** Keeps its connections to the server open. */
export function connectToServer({ url, sockets, token }: CarrierEnvironment): PostToServer {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(url)
  const target: RequestOptions =
    sockets === null ? { hostname, port } : { socketPath: `${sockets}/server.sock` }

  const attempt = (post: Post) =>
    new Promise<(Answer & { isStale: false }) | { isStale: true }>((resolve, reject) => {
      const { path, headers, body, signal } = post
      const asking = request({
        ...target,
        agent,
        signal,
        method: 'POST',
        path,
        headers: {
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'X-Protocol': protocol,
          ...headers,
        },
      })
      asking.on('socket', (socket) => socket.setKeepAlive(true, keepAliveProbeMs))
      asking.on('error', (error) =>
        // The server closed the kept connection before this request reached it.
        asking.reusedSocket && !signal.aborted ? resolve({ isStale: true }) : reject(error),
      )
      asking.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ isStale: false, status: response.statusCode ?? 0, body: text }),
        )
      })
      asking.end(body)
    })

  return async (post) => {
    const answer = await attempt(post)
    if (!answer.isStale) return answer
    const next = await attempt(post)
    if (next.isStale) throw new Error('the server closes every connection')
    return next
  }
}
