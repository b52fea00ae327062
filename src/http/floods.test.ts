import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage } from '../../test/scenarios/stage.ts'
import { one } from '../../test/support/run.ts'
import { openSurface } from '../../test/support/surface.ts'
import { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import { mostOpenBodies } from './instance/rate-limit.ts'

const token = new LaunchTokens('secret').tokenOf(one, 1)
const cap = { total: 200, perPeer: 200 }
const mib = 1024 * 1024
const bodyBytes = 4 * mib

/** Figures for people; a slow machine must not fail the tests. */
const print = (what: string, text: string): void =>
  void process.stdout.write(`flood of ${what}: ${text}\n`)

describe('a client that floods the surface of instances', () => {
  let app: ReturnType<typeof openSurface>['app']
  let port: number
  let sockets: Socket[]
  let idleBytes: number

  beforeEach(async () => {
    sockets = []
    const stage = await Stage.open({ plan: [] })
    await stage.until(() => stage.dispatcher.state.instances.get(one)?.launch === 1)
    app = openSurface(stage, { connections: cap, arrivalLimitMs: 600_000 }).app
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
    idleBytes = process.memoryUsage().rss
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await app.close()
  })

  /** Sends it, and collects the first lines of the answers. */
  const flood = async (count: number, text: (index: number) => string) => {
    const answers: string[] = []
    let closed = 0
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const socket = connect(port, '127.0.0.1')
        sockets.push(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => (closed += 1))
        socket.on('data', (data) => answers.push(data.toString().split('\r\n')[0] ?? ''))
        await once(socket, 'connect').catch(() => undefined)
        socket.write(text(index))
      }),
    )
    return {
      answers,
      get closed() {
        return closed
      },
    }
  }

  /** The server answers others meanwhile; prints the memory and how long that takes. */
  const measure = async (what: string): Promise<void> => {
    const times: number[] = []
    for (let count = 0; count < 20; count += 1) {
      const before = performance.now()
      const { statusCode } = await app.inject({
        url: '/status',
        headers: { host: `127.0.0.1:${port}` },
      })
      expect(statusCode).toBe(200)
      times.push(performance.now() - before)
    }
    const p95 = times.toSorted((a, b) => a - b)[18] ?? 0
    const above = (process.memoryUsage().rss - idleBytes) / mib
    print(
      what,
      `${above.toFixed(0)} MiB above idle with the clients, /status p95 ${p95.toFixed(1)} ms`,
    )
  }

  const head = (path: string, ...headers: string[]): string =>
    [`POST ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n')
  const bodyOf = (bytes: number): readonly string[] => [
    'content-type: application/json',
    `content-length: ${bytes}`,
  ]
  const openConnections = async (): Promise<number> =>
    new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)))

  it('without a token keeps no more connections than the cap', async () => {
    const { total } = cap
    const seen = await flood(total * 5, () => 'POST /hooks/Stop HTTP/1.1\r\n')
    await expect.poll(() => seen.closed, { timeout: 50_000 }).toBe(total * 4)
    expect(await openConnections()).toBe(total)
    await measure('connections without a token')
  })

  it('has room for others again when its connections are closed', async () => {
    const { total } = cap
    const seen = await flood(total + 1, () => '')
    await expect.poll(() => seen.closed, { timeout: 50_000 }).toBe(1)
    for (const socket of sockets) socket.destroy()
    await expect.poll(openConnections, { timeout: 50_000 }).toBe(0)
    const again = await flood(1, () => head('/nowhere'))
    await expect.poll(() => again.answers.length, { timeout: 50_000 }).toBe(1)
  })

  it.each([
    ['/nowhere', '404'],
    ['/hooks/Stop', '401'],
    ['/mcp', '401'],
    ['/otel/v1/logs', '401'],
    ['/api/v1/plan/approve', '401'],
    ['/api/v1/sessions', '413'],
  ])('without a token has no body of %s held', async (path, status) => {
    const part = '{'.padEnd(64 * 1024)
    const seen = await flood(100, () => head(path, ...bodyOf(bodyBytes)) + part)
    await expect.poll(() => seen.answers.length, { timeout: 50_000 }).toBe(100)
    expect(new Set(seen.answers.map((line) => line.split(' ')[1]))).toEqual(new Set([status]))
    await measure(`bodies for ${path}`)
  })

  it('with a token has a few bodies held, and the others refused', async () => {
    const part = '{'.padEnd(mib)
    const authorization = `authorization: Bearer ${token}`
    const seen = await flood(
      100,
      () => head('/hooks/Stop', authorization, ...bodyOf(bodyBytes)) + part,
    )
    await expect.poll(() => seen.answers.length, { timeout: 50_000 }).toBe(100 - mostOpenBodies)
    expect(new Set(seen.answers)).toEqual(new Set(['HTTP/1.1 429 Too Many Requests']))
    await measure('bodies with a token')
  })

  it('has no more than 16 KiB of headers read', async () => {
    const seen = await flood(100, () => head('/hooks/Stop', `x-more: ${'x'.repeat(17 * 1024)}`))
    await expect.poll(() => seen.answers.length, { timeout: 50_000 }).toBe(100)
    expect(new Set(seen.answers.map((line) => line.split(' ')[1]))).toEqual(new Set(['431']))
    await measure('headers')
  })
})
