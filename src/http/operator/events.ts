import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { JournalEntry, Store } from '../../ports/store.ts'

export interface EventDeps {
  readonly dispatcher: Dispatcher
  readonly store: Store
}

const page = 500
/** A reader that lets this much pile up has gone to sleep; it is cut off and resumes with Last-Event-ID. */
const backlogBytes = 1024 * 1024

const from = z.object({ 'last-event-id': z.coerce.number().int().nonnegative().optional() })

/**
 * The journal as Server-Sent Events: from `Last-Event-ID`, or from now on. Where lines that were asked for are not there any more, an event
 * `gap` says so: they were trimmed, or the reader knew another journal, as after a backup was restored.
 */
export function eventRoutes(app: FastifyInstance, { dispatcher, store }: EventDeps): void {
  app.get('/api/v1/events', async (request, reply) => {
    const resumed = from.parse(request.headers)['last-event-id']
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write('retry: 1000\n\n')
    let told = resumed
    const send = (entry: JournalEntry): boolean => {
      const gap =
        told === undefined || entry.sequence === told + 1 ? '' : gapBetween(told, entry.sequence)
      told = entry.sequence
      return raw.write(
        `${gap}id: ${entry.sequence}\nevent: ${entry.event.type}\ndata: ${JSON.stringify(entry)}\n\n`,
      )
    }
    const last = resumed === undefined ? null : await sendHistory(raw, store, resumed, send)
    if (raw.destroyed) return
    const subscription = dispatcher.subscribe(({ entry }) => {
      send(entry)
      if (raw.writableLength > backlogBytes) raw.destroy()
    })
    // What came while the last page was on its way; nothing is awaited from here on, so nothing falls between.
    if (last !== null) for (const entry of store.journal(last, page)) send(entry)
    raw.on('close', () => subscription[Symbol.dispose]())
  })
}

const gapBetween = (told: number, next: number): string =>
  `id: ${next - 1}\nevent: gap\ndata: ${JSON.stringify({ after: told, resumesAt: next })}\n\n`

/** As fast as the reader reads: a long history is not piled up in memory. Answers the last sequence that was sent. */
async function sendHistory(
  raw: ServerResponse,
  store: Store,
  after: number,
  send: (entry: JournalEntry) => boolean,
): Promise<number> {
  let last = after
  while (!raw.destroyed) {
    const entries = store.journal(last, page)
    const isTaken = entries.map(send).every(Boolean)
    last = entries.at(-1)?.sequence ?? last
    if (entries.length < page) break
    if (!isTaken) await Promise.race([once(raw, 'drain'), once(raw, 'close')])
  }
  return last
}
