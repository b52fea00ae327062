import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventAt } from '../../../test/support/event-view.ts'
import type { EventView } from '../../http/contract/event.ts'
import { follow } from './follow.ts'
import { noHandoffs } from '../../../test/support/status.ts'
import type { Status } from './status.ts'
import { watch } from './watch.ts'

const statusOf = (
  run: Status['run']['phase'],
  instance: Status['instances'][number]['phase'],
): Status => ({
  run: { id: 'r1', phase: run, reason: null, needs: null },
  lines: [],
  instances: [
    {
      id: 'manager',
      phase: instance,
      until: null,
      launch: 1,
      task: null,
      credential: null,
      needs: null,
    },
  ],
  tasks: [],
  credentials: [],
  handoffs: noHandoffs,
  terminals: { socket: 's' },
})

let app: FastifyInstance
let status: Status
let streams: FastifyReply[]
let resumedAfter: unknown[]

beforeEach(async () => {
  status = statusOf('executing', 'ready')
  streams = []
  resumedAfter = []
  app = fastify({ forceCloseConnections: true })
  app.get('/status', () => status)
  app.get('/api/v1/events', ({ headers }, reply) => {
    if (headers.authorization !== 'Bearer the-token') return reply.code(401).send()
    resumedAfter.push(headers['last-event-id'])
    reply
      .hijack()
      .raw.writeHead(200, { 'content-type': 'text/event-stream' })
      .write('retry: 1000\n\n')
    streams.push(reply)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(() => app.close())

function start(token = 'the-token', interruption = new AbortController()) {
  const events: EventView[] = []
  const seen: Status[] = []
  const over = follow(
    app.listeningOrigin,
    token,
    { onEvent: (event) => events.push(event), onStatus: (next) => seen.push(next) },
    interruption.signal,
  )
  return { events, seen, over, interruption }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 50_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it never came to hold')
    await setImmediate()
  }
}

function sendEvent(stream: FastifyReply | undefined, sequence: number): void {
  const event = eventAt(sequence, { type: 'merge-landed', launch: 1, task: 'a' })
  const text = `id: ${sequence}\nevent: merge-landed\ndata: ${JSON.stringify(event)}\n\n`
  stream?.raw.write(text.slice(0, 30))
  stream?.raw.write(text.slice(30))
}

describe('following a run', () => {
  it('passes every event on, and ends when the run is done and its instances are stopped', async () => {
    const { events, seen, over } = start()
    await until(() => streams.length === 1)
    sendEvent(streams[0], 7)
    await until(() => events.length === 1)
    status = statusOf('done', 'stopping')
    await until(() => seen.at(-1)?.run.phase === 'done')
    status = statusOf('done', 'stopped')
    expect(await over).toEqual(status)
    expect(events).toMatchObject([{ sequence: 7, type: 'merge-landed', launch: 1, task: 'a' }])
  })

  it('opens a stream that broke again, behind what it knows', async () => {
    const { events, over } = start()
    await until(() => streams.length === 1)
    sendEvent(streams[0], 7)
    await until(() => events.length === 1)
    streams[0]?.raw.destroy()
    await until(() => streams.length === 2)
    expect(resumedAfter).toEqual(['0', '7'])
    status = statusOf('failed', 'ready')
    await over
  })

  it('needs no stream at all', async () => {
    const { events, seen, over } = start('a wrong token')
    await until(() => seen.length > 0)
    status = statusOf('done', 'stopped')
    await over
    expect(events).toEqual([])
  })

  it('ends at once when it is interrupted', async () => {
    const { seen, over, interruption } = start()
    await until(() => seen.length > 0)
    interruption.abort(new Error('interrupted by SIGINT'))
    await expect(over).rejects.toThrow('interrupted by SIGINT')
  })
})

describe('watching a run', () => {
  it('ends with the server, and follows it no longer', async () => {
    const ended = Promise.withResolvers<string>()
    const server = {
      url: app.listeningOrigin,
      token: 'the-token',
      ended: ended.promise,
      stop: () => Promise.resolve(null),
    }
    const screen = { isLive: false, print: () => undefined, show: () => undefined }
    const watching = watch(server, screen, Date.now(), new AbortController().signal)
    await until(() => streams.length === 1)
    const closed = once(streams[0]?.raw ?? app.server, 'close')
    ended.resolve('the server ended with 1')
    await expect(watching).rejects.toThrow('the server ended with 1')
    await closed
  })
})
