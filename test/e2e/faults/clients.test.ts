import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openStore } from '../../../src/adapters/sqlite/store.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { Dispatcher } from '../../../src/engine/dispatch/dispatcher.ts'
import { eventRoutes } from '../../../src/http/operator/events.ts'
import { report } from '../../support/fault-run.ts'
import { Run } from '../../support/run.ts'

const events = 8_000
/** As long as the text of an event may be: all together far more than sockets and kernel buffer. */
const words = 'x'.repeat(2_000)
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

let directory: string
let resources: AsyncDisposableStack
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'faults-clients-'))
  resources = new AsyncDisposableStack()
  resources.defer(() => rmSync(directory, { recursive: true }))
})
afterAll(() => resources.disposeAsync())

/** The event stream over a real database, and what the server holds for each client. */
async function serve() {
  const store = resources.use(
    openStore(join(directory, 'orchestrator.db'), {
      onDamaged: () => undefined,
      owner: () => 'no process',
    }),
  )
  const { state } = new Run()
  // A run that is over: nothing is due, and the journal holds what this test puts there.
  const over = {
    ...state,
    run: {
      ...state.run,
      phase: {
        name: 'done',
        since: 0,
        report: '',
        isWritten: true,
        isStopped: true,
        isAccepted: false,
        tries: 1,
        until: 0,
        reason: null,
      } as const,
    },
  }
  const dispatcher = resources.use(new Dispatcher(store, systemClock, over, () => undefined))
  const app = fastify({ forceCloseConnections: true })
  resources.defer(() => app.close())
  const answers: ServerResponse[] = []
  app.server.on('request', (_request: IncomingMessage, answer: ServerResponse) =>
    answers.push(answer),
  )
  eventRoutes(app, { dispatcher, store })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo // it listens on TCP
  return { store, dispatcher, port, answers }
}

const ask = (port: number, ...headers: readonly string[]): Socket =>
  connect(port, '127.0.0.1')
    .setEncoding('utf8')
    .on('error', () => undefined)
    .on('connect', function (this: Socket) {
      this.write(
        ['GET /api/v1/events HTTP/1.1', 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n'),
      )
    })

/** The numbers of the events that a client receives, gaps left out. */
function follow(socket: Socket): { readonly received: number[]; readonly gaps: string[] } {
  const received: number[] = []
  const gaps: string[] = []
  let rest = ''
  socket.on('data', (piece: string) => {
    const frames = (rest + piece).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const [, id, name] = /id: (\d+)\nevent: (\S+)/.exec(frame) ?? []
      if (name === 'gap') gaps.push(frame.slice(frame.indexOf('data:')))
      else if (id !== undefined) received.push(Number(id))
    }
  })
  return { received, gaps }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10)
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // V8 puts it there
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('clients', () => {
  it('Dashboard client never reads', async () => {
    const { store, dispatcher, port, answers } = await serve()
    const sleeper = ask(port).pause()
    await until(() => answers.length === 1)
    const reader = ask(port)
    const awake = follow(reader)
    await until(() => answers.length === 2)
    let mostBytes = 0
    const before = heapBytes()
    for (let count = 1; count <= events; count += 1) {
      dispatcher.enqueue({ type: 'command-failed', command: 'test', reason: `${count} ${words}` })
      mostBytes = Math.max(mostBytes, answers[0]?.writableLength ?? 0)
      // No faster than a client that reads can follow.
      while (count - awake.received.length > 20) await turn()
    }
    await until(() => awake.received.length === events)
    const grownBytes = heapBytes() - before
    const isDropped = answers[0]?.destroyed === true
    sleeper.destroy()

    const resumed = follow(ask(port, 'Last-Event-ID: 1'))
    await until(() => resumed.received.at(-1) === events)
    const isWhole = resumed.received.length === events - 1 && resumed.gaps.length === 0
    store.trim(500, events)
    const late = follow(ask(port, 'Last-Event-ID: 1'))
    await until(() => late.received.at(-1) === events)

    report(
      'client-never-reads',
      `${events} events of 2 KB: at most ${mebibytes(mostBytes)} MiB held for it, then ${isDropped ? 'dropped' : 'kept'}; the server grew by ${mebibytes(grownBytes)} MiB; another client got ${awake.received.length}; it came back for ${resumed.received.length} without a gap, and after a trim for ${late.received.length} behind ${late.gaps.join() || 'no gap'}`,
      'bounded buffer (1 MiB), dropped with a gap marker, memory flat',
      mostBytes <= 1.1 * 2 ** 20 &&
        isDropped &&
        grownBytes < 4 * 2 ** 20 &&
        isWhole &&
        late.gaps.length === 1 &&
        late.received.length === 500,
    )
    reader.destroy()
  })
})
