import { once } from 'node:events'
import type http from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CredentialId } from '../../src/core/model/ids.ts'
import {
  ask,
  openGateway,
  secretOf,
  startUpstream,
  streamWhole,
  useGateways,
} from './gateway-stage.ts'

const { open, resources } = useGateways()

/** Refuses the credentials with these names. */
const refusing =
  (
    statuses: Readonly<Record<string, number>>,
    headers: http.OutgoingHttpHeaders = {},
  ): Parameters<typeof startUpstream>[0] =>
  (request, response) => {
    const [, status] =
      Object.entries(statuses).find(([name]) => request.headers['x-api-key'] === secretOf(name)) ??
      []
    if (status === undefined) streamWhole(response)
    else
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'request-id': `req_${status}`,
          ...headers,
        })
        .end(`{"no":${status}}`)
  }

describe('a refused request', () => {
  it.each([
    [429, 'throttled'],
    [401, 'rejected'],
    [403, 'rejected'],
    [529, 'overloaded'],
    [500, 'overloaded'],
  ])(
    '(%i) is sent again, the same, with the credential that the core names',
    async (status, kind) => {
      const [gateway, upstream] = await open(refusing({ a: status }))
      const response = await ask(gateway)
      expect([response.status, (await response.text()).includes('hello')]).toEqual([200, true])
      expect(gateway.refused).toEqual([{ credential: 'a', modelError: { kind } }])
      expect(upstream.asked.map(({ headers }) => headers['x-api-key'])).toEqual([
        secretOf('a'),
        secretOf('b'),
      ])
      expect(upstream.asked[1]?.body).toBe(upstream.asked[0]?.body)
      expect(gateway.used).toMatchObject([
        { credential: 'b', usage: { inputTokens: 10, outputTokens: 7 } },
      ])
    },
  )

  it('passes on as it is when the core names none', async () => {
    const headers = { 'retry-after': '3600', 'anthropic-ratelimit-unified-5h-utilization': '1.0' }
    const [gateway] = await open(refusing({ a: 429 }, headers), { onRefused: () => null })
    const response = await ask(gateway)
    expect([response.status, await response.text()]).toEqual([429, '{"no":429}'])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...headers,
      'request-id': 'req_429',
      'content-length': '10',
    })
    expect(gateway.windows).toEqual([
      { credential: 'a', window: 'five-hour', usedPercent: 100, resetsAt: null },
    ])
  })

  it('is the core’s affair only when another credential could help', async () => {
    const [gateway, upstream] = await open(refusing({ a: 404 }))
    expect((await ask(gateway)).status).toBe(404)
    expect([gateway.refused, upstream.asked.length]).toEqual([[], 1])
  })

  it.each([
    ['the same one', () => CredentialId('a'), 1],
    [
      'two in turn',
      ({ credential }: { credential: string }) => CredentialId(credential === 'a' ? 'b' : 'a'),
      2,
    ],
    ['one that has gone', () => CredentialId('gone'), 1],
    [
      'ever another one',
      ({ credential }: { credential: string }) => CredentialId(`${credential}+`),
      4,
    ],
  ])('is tried at most once with each when the core names %s', async (_what, onRefused, tries) => {
    const upstream = resources().use(
      await startUpstream((_request, response) => response.writeHead(529).end('busy')),
    )
    const credentials = Object.fromEntries(
      ['a', 'b', 'a+', 'a++', 'a+++', 'a++++'].map((name) => [name, upstream.url]),
    )
    const gateway = resources().use(await openGateway({ credentials, onRefused }))
    const response = await ask(gateway)
    expect([response.status, await response.text()]).toEqual([529, 'busy'])
    expect(upstream.asked).toHaveLength(tries)
  })

  it('does not show the credential that the provider repeats', async () => {
    const [gateway] = await open(
      (request, response) =>
        response.writeHead(401).end(`bad key ${String(request.headers['x-api-key'])}`),
      {
        onRefused: () => null,
      },
    )
    expect(await (await ask(gateway)).text()).toBe('bad key [credential]')
  })
})

describe('a provider that is not there', () => {
  it('is exchanged for another one', async () => {
    const upstream = resources().use(
      await startUpstream((_request, response) => streamWhole(response)),
    )
    const gateway = resources().use(
      await openGateway({ credentials: { a: 'http://127.0.0.1:1', b: upstream.url } }),
    )
    expect((await ask(gateway)).status).toBe(200)
    expect(gateway.refused).toEqual([{ credential: 'a', modelError: { kind: 'unreachable' } }])
  })

  it.each([
    ['refuses connections', 'http://127.0.0.1:1'],
    ['speaks another protocol', 'file:///etc/passwd'],
  ])('%s: the instance gets a 502', async (_what, baseUrl) => {
    const gateway = resources().use(await openGateway({ credentials: { a: baseUrl } }))
    const response = await ask(gateway)
    expect(response.status).toBe(502)
    expect(await response.text()).not.toContain('passwd')
  })

  it('takes the request and says nothing: the instance gets a 502', async () => {
    const [gateway] = await open(() => {}, {
      onRefused: () => null,
      limits: { headersTimeoutMs: 50 },
    })
    expect((await ask(gateway)).status).toBe(502)
  })

  it('never finishes a refusal: the instance gets a 502', async () => {
    const [gateway] = await open((_request, response) => response.writeHead(429).write('{'), {
      onRefused: () => null,
      limits: { refusalTimeoutMs: 50 },
    })
    expect((await ask(gateway)).status).toBe(502)
  })

  it('refuses at endless length: it is not listened to while another one answers', async () => {
    const closed = Promise.withResolvers<void>()
    const [gateway, upstream] = await open((_request, response) => {
      if (upstream.asked.length === 2) return response.writeHead(200).flushHeaders()
      response
        .once('close', closed.resolve)
        .writeHead(429)
        .write(Buffer.alloc(2 * 1024 * 1024))
    })
    const response = await ask(gateway)
    await closed.promise
    expect(response.status).toBe(200)
    expect(gateway.refused).toEqual([{ credential: 'a', modelError: { kind: 'unreachable' } }])
  })

  it.each([
    ['an upgrade', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 502],
    ['a status that does not exist', 'HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n', null],
  ])('answers with %s: the instance is not left waiting', async (_what, answer, status) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(answer))
      resources().defer(() => void socket.destroy())
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    resources().defer(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const gateway = resources().use(await openGateway({ credentials: { a: url } }))
    const got = await ask(gateway).then(
      (response) => response.status,
      () => null,
    )
    expect(got).toBe(status)
  })

  it('accepts a connection and does not shake hands: the instance gets a 502', async () => {
    const silent = createServer(() => {})
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    resources().defer(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const gateway = resources().use(
      await openGateway({
        credentials: { a: `https://127.0.0.1:${port}` },
        limits: { connectTimeoutMs: 50 },
      }),
    )
    expect((await ask(gateway)).status).toBe(502)
  })

  it('redirects: the credential does not follow', async () => {
    const [gateway, upstream] = await open(
      (_request, response) => response.writeHead(307, { location: '/v1/models' }).end(),
      {
        onRefused: () => null,
      },
    )
    expect((await ask(gateway, { redirect: 'manual' })).status).toBe(502)
    expect(upstream.asked).toHaveLength(1)
  })

  it('dropped a connection that it had kept: the request is sent once more on a new one', async () => {
    const [gateway, upstream] = await open((request, response) => {
      if (upstream.asked.length === 2) request.socket.destroy()
      else streamWhole(response)
    })
    for (const _ of [1, 2, 3]) expect(await (await ask(gateway)).text()).toContain('hello')
    expect(gateway.refused).toEqual([])
    expect(upstream.sockets.size).toBe(3)
  })
})
