import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Dispatcher } from '../engine/dispatcher.ts'
import type { JournalEntry, Store } from '../ports/store.ts'

export interface EventDeps {
  readonly dispatcher: Dispatcher
  readonly store: Store
}

const page = 500
/** A reader that lets this much pile up has gone to sleep; it is cut off and resumes with Last-Event-ID. */
const backlogBytes = 1024 * 1024

const from = z.object({ 'last-event-id': z.coerce.number().int().nonnegative().optional() })

/** The journal as Server-Sent Events: from `Last-Event-ID`, or from now on, without a gap. */
export function eventRoutes(app: FastifyInstance, { dispatcher, store }: EventDeps): void {
  app.get('/api/v1/events', (request, reply) => {
    const resumed = from.parse(request.headers)['last-event-id']
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write('retry: 1000\n\n')
    let last = resumed ?? Number.POSITIVE_INFINITY
    const send = (entry: JournalEntry): void => {
      if (entry.sequence <= last && last !== Number.POSITIVE_INFINITY) return
      last = entry.sequence
      raw.write(`id: ${entry.sequence}\nevent: ${entry.event.type}\ndata: ${JSON.stringify(entry)}\n\n`)
      if (raw.writableLength > backlogBytes) raw.destroy()
    }
    if (resumed !== undefined) for (const entry of history(store, resumed)) send(entry)
    const subscription = dispatcher.subscribe(({ entry }) => send(entry))
    raw.on('close', () => subscription[Symbol.dispose]())
  })
}

function* history(store: Store, after: number): Generator<JournalEntry> {
  for (let last = after; ; ) {
    const entries = store.journal(last, page)
    yield* entries
    if (entries.length < page) return
    last = entries.at(-1)?.sequence ?? last
  }
}
