import { once } from 'node:events'
import http from 'node:http'
import type { Scenario } from './gateway-load.ts'
import { forkRole } from './role-process.ts'

interface Memory {
  /** What the garbage collector leaves. */
  readonly live: number
  /** What V8 has reserved for it. */
  readonly heap: number
  readonly rss: number
  /** Processor time so far, which does not depend on what else the machine does. */
  readonly cpuMs: number
}

/** Starts `entry` as another process, which must call `runRole` with `role` and `argument`. */
export async function startRole(entry: string, role: string, argument: string) {
  const { url, child, ...rest } = await forkRole(entry, role, argument)
  return {
    ...rest,
    url,
    async memory(): Promise<Memory> {
      child.send('memory')
      const [memory] = (await once(child, 'message')) as [Memory]
      return memory
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
    objectionTo: () => null,
    sealed: true,
    now: Date.now,
  })
  await app.register(gateway, { prefix: '/gateway' })
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/gateway`
}

/** Serves until the parent disconnects. Sends its address first, then its memory on request. */
export async function runRole(role: string, argument: string): Promise<void> {
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
