import type { Duplex } from 'node:stream'

export interface Splice {
  readonly idleMs: number
  /** The same when one side has ended its half; it may be gone. */
  readonly halfOpenMs: number
  readonly onSent: (bytes: number) => void
  readonly onReceived: (bytes: number) => void
}

export type SpliceEnd = 'closed' | 'broken' | 'idle'

/**
 * Joins two streams until both are closed. Each side may end its half first. What one side does not
 * take, the other one is not asked for, so that nothing piles up in between.
 */
export async function splice(client: Duplex, host: Duplex, rules: Splice): Promise<SpliceEnd> {
  const { promise, resolve } = Promise.withResolvers<SpliceEnd>()
  let end: SpliceEnd = 'closed'
  const stop = (why: SpliceEnd): void => {
    if (end === 'closed') end = why
    client.destroy()
    host.destroy()
  }
  let idle = setTimeout(() => stop('idle'), rules.idleMs)
  const hurry = (): void => {
    clearTimeout(idle)
    idle = setTimeout(() => stop('idle'), rules.halfOpenMs)
  }
  const joinOneWay = (from: Duplex, to: Duplex, count: (bytes: number) => void): void => {
    from.on('data', (chunk: Buffer) => {
      idle.refresh()
      count(chunk.length)
    })
    from.once('end', hurry)
    from.on('error', () => stop('broken'))
    from.once('close', () => {
      if (!from.readableEnded || from.errored !== null) stop('broken')
      if (client.closed && host.closed) resolve(end)
    })
    from.pipe(to)
  }
  joinOneWay(client, host, rules.onSent)
  joinOneWay(host, client, rules.onReceived)
  if (client.destroyed || host.destroyed) stop('broken')
  try {
    return client.closed && host.closed ? end : await promise
  } finally {
    clearTimeout(idle)
  }
}
