import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { JournalEntry, Store } from '../../ports/store.ts'
import type { EventView, GapView } from '../contract/event.ts'
import { plainJson } from '../../lib/plain-json.ts'
import { routes } from '../contract/routes.ts'
import { viewEvent } from './views/event.ts'

export interface EventDeps {
  readonly dispatcher: Dispatcher
  readonly store: Store
}

const page = 500
/** A reader with a larger backlog does not read; it is cut off and resumes with `Last-Event-ID`. */
const backlogBytes = 1024 * 1024

const from = z.object({ 'last-event-id': z.coerce.number().int().nonnegative().optional() })

/**
 * The journal as Server-Sent Events, one `EventView` per line: from `Last-Event-ID` on, or from now
 * on. An event `gap` reports requested lines that are missing: they were trimmed, or the reader
 * knows another journal, as after a backup was restored. A reader that has lost its permission gets
 * no further line.
 */
export function eventRoutes(
  app: FastifyInstance,
  { dispatcher, store }: EventDeps,
  permissionOf: (request: FastifyRequest) => () => boolean = () => () => true,
): void {
  // HEAD would subscribe, and never have an answer.
  app.get(routes.events.path, { exposeHeadRoute: false }, async (request, reply) => {
    const mayRead = permissionOf(request)
    const resumed = from.parse(request.headers)['last-event-id']
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write('retry: 1000\n\n')
    let sent = resumed
    const send = (entry: JournalEntry): boolean => {
      if (!mayRead()) raw.destroy()
      if (raw.destroyed) return false
      const isNext = sent === undefined || entry.sequence === sent + 1
      const gap = isNext ? '' : gapFrame({ after: sent ?? 0, resumesAt: entry.sequence })
      sent = entry.sequence
      return raw.write(`${gap}${frame(viewEvent(entry))}`)
    }
    const last = resumed === undefined ? null : await sendHistory(raw, store, resumed, send)
    if (raw.destroyed) return
    const subscription = dispatcher.subscribe(({ entry }) => {
      send(entry)
      if (raw.writableLength > backlogBytes) raw.destroy()
    })
    // Events that came while the last page was on its way. Nothing is awaited from here on, so none
    // is missed.
    if (last !== null) for (const entry of store.journal(last, page)) send(entry)
    raw.on('close', () => subscription[Symbol.dispose]())
  })
}

const frame = (view: EventView): string =>
  `id: ${view.sequence}\nevent: ${view.type}\ndata: ${plainJson(JSON.stringify(view))}\n\n`

const gapFrame = (gap: GapView): string =>
  `id: ${gap.resumesAt - 1}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`

/**
 * As fast as the reader reads, so that a long history does not pile up in memory; answers the last
 * sequence sent.
 */
async function sendHistory(
  raw: ServerResponse,
  store: Store,
  after: number,
  send: (entry: JournalEntry) => boolean,
): Promise<number> {
  let last = after
  while (!raw.destroyed) {
    const entries = store.journal(last, page)
    const isDrained = entries.map(send).every(Boolean)
    last = entries.at(-1)?.sequence ?? last
    if (entries.length < page) break
    if (!isDrained) await drained(raw)
  }
  return last
}

/** Resolves when the reader has read, or is gone; leaves no listener behind. */
async function drained(raw: ServerResponse): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  try {
    await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
  } finally {
    over.abort()
  }
}
