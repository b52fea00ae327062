import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'

/** A hook of an instance, as it arrived. */
export interface ArrivedHook {
  /** In milliseconds of `performance.now`. */
  readonly at: number
}

/** Takes the hooks of Claude Code without a server behind it: it only notes when they arrive. */
export async function receiveHooks(host: string) {
  const arrivals = new EventEmitter()
  arrivals.setMaxListeners(0)
  const server = createServer((request, response) => {
    const at = performance.now()
    request.resume().once('end', () => {
      response.setHeader('content-type', 'application/json').end('{}')
      arrivals.emit(request.url ?? '', { at } satisfies ArrivedHook)
    })
  })
  await once(server.listen(0, host), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  const pathOf = (instance: string, event: string): string => `/${instance}/${event}`
  return {
    urlOf: (instance: string, event: string): string =>
      `http://${host}:${address.port}${pathOf(instance, event)}`,

    /** The next one from now on. */
    async next(instance: string, event: string, signal: AbortSignal): Promise<ArrivedHook> {
      const [hook] = (await once(arrivals, pathOf(instance, event), { signal })) as [ArrivedHook]
      return hook
    },

    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type HookReceiver = Awaited<ReturnType<typeof receiveHooks>>
