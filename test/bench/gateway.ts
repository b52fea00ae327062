import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { fileURLToPath } from 'node:url'

/**
 * What the gateway adds to a request, against a direct connection: model, gateway and agents are a process each, on loopback.
 * Run by hand: `node test/bench/gateway.ts`; it takes half a minute and prints a table, then JSON. `node test/bench/gateway.ts memory 40`
 * prints instead what the gateway's process holds after each of so many rounds.
 */
const rounds = 7

interface Scenario {
  readonly name: string
  readonly streams: number
  /** The model's time before its first word, between two words, and what it says. */
  readonly thinkMs: number
  readonly pauseMs: number
  readonly pieces: number
  readonly pieceBytes: number
  /** Requests that each stream makes, one after the other. */
  readonly repeat: number
}

const scenarios: readonly Scenario[] = [
  {
    name: 'one agent, model at once',
    streams: 1,
    thinkMs: 0,
    pauseMs: 0,
    pieces: 1,
    pieceBytes: 200,
    repeat: 200,
  },
  {
    name: '50 agents, pace of a model',
    streams: 50,
    thinkMs: 300,
    pauseMs: 10,
    pieces: 100,
    pieceBytes: 200,
    repeat: 1,
  },
  {
    name: '50 agents, as fast as it goes',
    streams: 50,
    thinkMs: 0,
    pauseMs: 0,
    pieces: 64,
    pieceBytes: 16_384,
    repeat: 4,
  },
]

/** A conversation of Claude Code 2.1.328 begins with a request of this size. */
const question = Buffer.alloc(78_000, 'x')

interface Reading {
  readonly firstByteMs: number
  readonly bytesPerSecond: number
}

async function measure(url: string, scenario: Scenario): Promise<Reading> {
  const agent = new http.Agent({ keepAlive: true })
  const firstBytes: number[] = []
  let bytes = 0
  const began = performance.now()
  const stream = async (): Promise<void> => {
    for (let time = 0; time < scenario.repeat; time += 1) {
      const asked = performance.now()
      const headers = {
        authorization: 'Bearer launch',
        'content-type': 'application/json',
        'anthropic-bench': JSON.stringify(scenario),
      }
      const request = http
        .request(`${url}/v1/messages`, { method: 'POST', headers, agent })
        .end(question)
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
      let isFirst = true
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (isFirst) firstBytes.push(performance.now() - asked)
        isFirst = false
        bytes += chunk.length
      }
    }
  }
  await Promise.all(Array.from({ length: scenario.streams }, stream))
  agent.destroy()
  return {
    firstByteMs: median(firstBytes),
    bytesPerSecond: (bytes / (performance.now() - began)) * 1_000,
  }
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function main(): Promise<void> {
  await using model = await startRole('model', '')
  await using gateway = await startRole('gateway', model.url)
  const report = []
  for (const scenario of scenarios) {
    await measure(model.url, scenario)
    await measure(gateway.url, scenario)
    const before = await gateway.memory()
    const pairs: { readonly direct: Reading; readonly through: Reading }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const direct = await measure(model.url, scenario)
      pairs.push({ direct, through: await measure(gateway.url, scenario) })
    }
    const after = await gateway.memory()
    const of = (figure: (pair: (typeof pairs)[number]) => number): number =>
      round2(median(pairs.map(figure)))
    report.push({
      scenario: scenario.name,
      'first byte, direct ms': of(({ direct }) => direct.firstByteMs),
      'gateway ms': of(({ through }) => through.firstByteMs),
      'added ms': of(({ direct, through }) => through.firstByteMs - direct.firstByteMs),
      ratio: of(({ direct, through }) => through.firstByteMs / direct.firstByteMs),
      'direct MB/s': of(({ direct }) => direct.bytesPerSecond / 1e6),
      'gateway MB/s': of(({ through }) => through.bytesPerSecond / 1e6),
      'time ratio': of(({ direct, through }) => direct.bytesPerSecond / through.bytesPerSecond),
      'CPU ms a stream': round2(
        (after.cpuMs - before.cpuMs) / (rounds * scenario.streams * scenario.repeat),
      ),
      'live MB': `${inMegabytes(before.live)} → ${inMegabytes(after.live)}`,
      'resident MB': `${inMegabytes(before.rss)} → ${inMegabytes(after.rss)}`,
    })
  }
  process.stdout.write(`${table(report)}\n${JSON.stringify({ rounds, report })}\n`)
}

/** What is live, and what the process has of the machine, must both come to rest: the second later than the first. */
async function watchMemory(memoryRounds: number): Promise<void> {
  await using model = await startRole('model', '')
  await using gateway = await startRole('gateway', model.url)
  const report = []
  for (const scenario of scenarios.filter(({ streams }) => streams > 1)) {
    for (let round = 0; round <= memoryRounds; round += 1) {
      if (round > 0) await measure(gateway.url, scenario)
      const { live, heap, rss } = await gateway.memory()
      const streams = round * scenario.streams * scenario.repeat
      if (round < 10 || round % 5 === 0)
        report.push({
          scenario: scenario.name,
          round,
          streams,
          'live MB': inMegabytes(live),
          'heap MB': inMegabytes(heap),
          'resident MB': inMegabytes(rss),
        })
    }
  }
  process.stdout.write(`${table(report)}\n${JSON.stringify({ report })}\n`)
}

function table(report: readonly Readonly<Record<string, string | number>>[]): string {
  const titles = Object.keys(report[0] ?? {})
  const rows = [titles, ...report.map((row) => titles.map((title) => String(row[title])))]
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n')
}

const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6)
const round2 = (figure: number): number => Math.round(figure * 100) / 100

/** `live`: what the garbage collector leaves. */
interface Memory {
  readonly live: number
  /** What V8 has reserved for it. */
  readonly heap: number
  readonly rss: number
  /** Processor time so far, which does not depend on what else the machine does. */
  readonly cpuMs: number
}

async function startRole(role: string, argument: string) {
  const child = fork(fileURLToPath(import.meta.url), [role, argument], {
    execArgv: ['--expose-gc'],
  })
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    async memory(): Promise<Memory> {
      child.send('memory')
      const [memory] = (await once(child, 'message')) as [Memory]
      return memory
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function beModel(): Promise<string> {
  const server = http.createServer((request, response) => {
    const { thinkMs, pauseMs, pieces, pieceBytes } = JSON.parse(
      String(request.headers['anthropic-bench']),
    ) as Scenario
    const piece = `event: content_block_delta\ndata: ${'x'.repeat(pieceBytes)}\n\n`
    let left = pieces
    const write = (): void => {
      left -= 1
      const isRoomy = response.write(piece)
      if (left === 0) response.end()
      else if (pauseMs > 0) setTimeout(write, pauseMs)
      else if (isRoomy) setImmediate(write)
      else response.once('drain', write)
    }
    request.resume().once('end', () => {
      const begin = (): void => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        write()
      }
      if (thinkMs > 0) setTimeout(begin, thinkMs)
      else begin()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the model has no port')
  return `http://127.0.0.1:${address.port}`
}

async function beGateway(baseUrl: string): Promise<string> {
  const { default: fastify } = await import('fastify')
  const { createGateway } = await import('../../src/gateway/gateway.ts')
  const { CredentialId, InstanceId } = await import('../../src/core/model/ids.ts')
  const app = fastify()
  const gateway = createGateway({
    identify: () => ({ instance: InstanceId('worker-1'), launch: 1 }),
    leaseOf: () => CredentialId('a'),
    secretOf: () => ({ header: 'x-api-key', value: 'secret', baseUrl }),
    onRefused: () => null,
    onUsage: () => {},
    onWindow: () => {},
    now: Date.now,
  })
  await app.register(gateway, { prefix: '/gateway' })
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/gateway`
}

const [role, argument = ''] = process.argv.slice(2)
if (role === undefined) await main()
else if (role === 'memory') await watchMemory(Number(argument) || 10)
else {
  process.on('message', () => {
    globalThis.gc?.()
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    process.send?.({
      live: heapUsed + external,
      heap: heapTotal,
      rss,
      cpuMs: (user + system) / 1_000,
    } satisfies Memory)
  })
  process.once('disconnect', () => process.exit())
  process.send?.(role === 'model' ? await beModel() : await beGateway(argument))
}
