import http from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  ask,
  launchToken,
  openGateway,
  secretOf,
  startUpstream,
  streamHeaders,
  streamWhole,
  useGateways,
} from './gateway-stage.ts'

const { open, resources } = useGateways()

describe('the gateway', () => {
  it.each([
    ['POST', '/v1/messages?beta=true'],
    ['POST', '/v1/messages/count_tokens'],
    ['GET', '/v1/models?limit=3'],
  ])('passes on %s %s', async (method, path) => {
    const [gateway, upstream] = await open((_request, response) => streamWhole(response))
    const response = await ask(
      gateway,
      method === 'GET' ? { method, body: null } : { method, body: 'x'.repeat(100_000) },
      path,
    )
    expect([response.status, (await response.text()).includes('hello')]).toEqual([200, true])
    expect(upstream.asked).toEqual([
      expect.objectContaining({
        method,
        url: path,
        body: method === 'GET' ? '' : 'x'.repeat(100_000),
      }),
    ])
  })

  it('keeps the path of a base URL', async () => {
    const upstream = resources().use(
      await startUpstream((_request, response) => streamWhole(response)),
    )
    const gateway = resources().use(
      await openGateway({ credentials: { a: `${upstream.url}/anthropic/` } }),
    )
    await (await ask(gateway)).text()
    expect(upstream.asked[0]?.url).toBe('/anthropic/v1/messages?beta=true')
  })

  it.each([
    ['POST', '/v1/complete'],
    ['POST', '/v1/messages/batches'],
    ['POST', '/v1/messages/..%2f..%2fadmin'],
    ['GET', '/v1/messages'],
    ['DELETE', '/v1/models'],
    ['GET', '/v1/files'],
    ['GET', '/api/oauth/usage'],
    ['GET', '/'],
    ['HEAD', '/v1/models'],
  ])('does not know %s %s', async (method, path) => {
    const [gateway, upstream] = await open((_request, response) => streamWhole(response))
    expect((await ask(gateway, { method, body: null }, path)).status).toBe(404)
    expect(upstream.asked).toEqual([])
  })

  it('answers a probe itself', async () => {
    const [gateway, upstream] = await open((_request, response) => streamWhole(response))
    expect((await fetch(gateway.url, { method: 'HEAD' })).status).toBe(200)
    expect(upstream.asked).toEqual([])
  })

  it.each([
    [401, {}],
    [401, { authorization: 'Bearer stranger' }],
    [401, { authorization: `Basic ${launchToken}` }],
    [401, { 'x-api-key': secretOf('a') }],
    [409, { authorization: 'Bearer worker-1.0.old' }],
  ])('answers %i to %j', async (status, headers) => {
    const [gateway, upstream] = await open((_request, response) => streamWhole(response))
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      body: '{}',
      headers,
    })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { message: expect.any(String) },
    })
    expect(upstream.asked).toEqual([])
  })

  it('takes the token as an API key too', async () => {
    const [gateway] = await open((_request, response) => streamWhole(response))
    const headers = { 'x-api-key': launchToken }
    expect(
      (await fetch(`${gateway.url}/v1/messages`, { method: 'POST', body: '{}', headers })).status,
    ).toBe(200)
  })

  it.each(['x-api-key', 'authorization'] as const)(
    'exchanges the token for the credential (%s) and lets neither pass',
    async (header) => {
      const echo = (request: http.IncomingMessage, response: http.ServerResponse) =>
        response
          .writeHead(200, {
            ...request.headers,
            'set-cookie': secretOf('a'),
            'content-type': 'text/plain',
            'content-length': 2,
          })
          .end('ok')
      const [gateway, upstream] = await open(echo, { header })
      const response = await ask(gateway, {
        headers: { 'x-api-key': launchToken, cookie: launchToken, 'anthropic-odd': launchToken },
      })
      const sent = upstream.asked[0]?.headers ?? {}
      expect(sent[header]).toBe(
        header === 'authorization' ? `Bearer ${secretOf('a')}` : secretOf('a'),
      )
      expect(JSON.stringify(upstream.asked)).not.toContain('launch-canary')
      expect(JSON.stringify([...response.headers])).not.toContain('upstream-canary')
    },
  )

  it('refuses a body that is too large, announced or not', async () => {
    const [gateway, upstream] = await open((_request, response) => streamWhole(response), {
      limits: { bodyBytes: 100_000 },
    })
    expect((await ask(gateway, { body: 'x'.repeat(100_001) })).status).toBe(413)
    const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
    const request = http.request(
      `${gateway.url}/v1/messages`,
      { method: 'POST', headers: { authorization: `Bearer ${launchToken}` } },
      resolve,
    )
    request.on('error', () => undefined)
    request.write('x'.repeat(100_001))
    expect((await promise).statusCode).toBe(413)
    request.destroy()
    expect(upstream.asked).toEqual([])
  })

  it('lets an instance hold only so much until the provider answers', async () => {
    const limits = { heldBytesPerInstance: 1_000, openPerInstance: 2 }
    const [gateway] = await open(
      (_request, response) => response.writeHead(200, streamHeaders).flushHeaders(),
      { limits },
    )
    expect((await ask(gateway, { body: 'x'.repeat(1_001) })).status).toBe(503)
    const streams = [
      await ask(gateway, { body: 'x'.repeat(900) }),
      await ask(gateway, { body: 'x'.repeat(900) }),
    ]
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(gateway)).status).toBe(503)
  })

  it('asks to come again while the instance has no credential', async () => {
    const gateway = resources().use(await openGateway({ credentials: {} }))
    const response = await ask(gateway)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })
})
