import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { expectView } from '../../../test/support/contract.ts'
import { line, Run } from '../../../test/support/run.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { MaintainedStore } from '../../ports/store.ts'
import { eventView, gapView } from '../contract/event.ts'
import { eventRoutes } from './events.ts'

let store: MaintainedStore
let dispatcher: Dispatcher
let app: FastifyInstance
let url: string

beforeEach(async () => {
  const { state } = new Run()
  store = createFakeStore()
  for (let count = 0; count < 10; count += 1)
    store.commit(null, state, [
      { event: { at: 5, type: 'published', line }, commands: [], reply: null, ignored: null },
    ])
  dispatcher = new Dispatcher(store, createSkippingClock(), state, () => undefined)
  app = fastify({ forceCloseConnections: true })
  eventRoutes(app, { dispatcher, store })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  dispatcher[Symbol.dispose]()
  await app.close()
})

/**
 * The first `count` events that a reader gets, as `<id> <type>`; a gap with its data. Each has its
 * schema.
 */
async function read(
  count: number,
  lastEventId: number,
  meanwhile: () => void = () => undefined,
): Promise<readonly string[]> {
  const ending = new AbortController()
  const response = await fetch(`${url}/api/v1/events`, {
    headers: { 'last-event-id': String(lastEventId) },
    signal: ending.signal,
  })
  meanwhile()
  let text = ''
  const seen: string[] = []
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const frames = (text + piece).split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) {
      const [, id, name, data = ''] = /^id: (\d+)\nevent: (\S+)\ndata: (.*)$/.exec(frame) ?? []
      if (id === undefined) continue
      expectView(name === 'gap' ? gapView : eventView, JSON.parse(data))
      seen.push(name === 'gap' ? `${id} gap ${data}` : `${id} ${name}`)
    }
    if (seen.length >= count) break
  }
  ending.abort()
  return seen
}

describe('the event stream', () => {
  it('continues behind the last event that a reader knows, without a gap', async () => {
    expect(await read(2, 8)).toEqual(['9 sync-succeeded', '10 sync-succeeded'])
  })

  it('answers a request for its head alone', async () => {
    const { status } = await fetch(`${url}/api/v1/events`, { method: 'HEAD' })
    expect(status).toBe(404)
  })

  it('reports which lines are missing, and can be resumed behind the gap', async () => {
    store.trim(2, 100)
    expect(await read(3, 3)).toEqual([
      '8 gap {"after":3,"resumesAt":9}',
      '9 sync-succeeded',
      '10 sync-succeeded',
    ])
    expect(await read(2, 8)).toEqual(['9 sync-succeeded', '10 sync-succeeded'])
  })

  it('reports a gap to a reader that knows more than there is, from another journal', async () => {
    const tick = () =>
      dispatcher.enqueue({ type: 'command-failed', command: 'test', reason: 'a test' })
    const seen = await read(2, 500, tick)
    expect(seen.slice(0, 2)).toEqual(['10 gap {"after":500,"resumesAt":11}', '11 command-failed'])
  })
})
