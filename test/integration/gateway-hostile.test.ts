import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeStore } from '../fakes/store.ts'
import { manager, one, planned, Run, two } from '../support/run.ts'
import type { InstanceId } from '../../src/core/model/ids.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { allowedModels } from '../../src/gateway/models.ts'
import { createModelGateway } from '../../src/server/model-gateway.ts'
import type { Vault } from '../../src/ports/vault.ts'
import { startUpstream, streamWhole, type Upstream } from './gateway-stage.ts'

const tokens = new LaunchTokens('secret')

describe('a worker that asks the gateway for what it has no right to', () => {
  let upstream: Upstream
  let dispatcher: Dispatcher
  let app: FastifyInstance
  let at: number

  /** One worker at a task, the other one idle, an hour after the start of the server. */
  const open = async (sealed: boolean): Promise<void> => {
    const run = new Run({ workerCount: 2, credentials: 'gateway' }).planned([planned('a')])
    at = run.at
    const clock = { now: () => at, alarm: () => ({ [Symbol.dispose]: () => undefined }) }
    dispatcher = new Dispatcher(createFakeStore(), clock, run.state, () => undefined)
    const environment = { ANTHROPIC_API_KEY: 'sk-canary', ANTHROPIC_BASE_URL: upstream.url }
    const vault = { environmentOf: () => environment } as unknown as Vault // its only use here
    app = fastify({ forceCloseConnections: true })
    const isAllowed = allowedModels('claude-opus-5-5', {})
    const gateway = createModelGateway(dispatcher, tokens, vault, {
      now: () => at,
      isAllowed,
      sealed,
    })
    await app.register(gateway, { prefix: '/gateway' })
    at += 3_600_000
  }

  beforeEach(async () => {
    upstream = await startUpstream((_request, response) => streamWhole(response))
    await open(true)
  })
  afterEach(async () => {
    await app.close()
    dispatcher[Symbol.dispose]()
    await upstream[Symbol.asyncDispose]()
  })

  const ask = async (instance: InstanceId, change: object = {}, path = '/v1/messages') => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: `/gateway${path}`,
      headers: {
        authorization: `Bearer ${tokens.tokenOf(instance, 1)}`,
        'content-type': 'application/json',
      },
      payload: JSON.stringify({ model: 'claude-opus-5-5', messages: [], ...change }),
    })
    return [statusCode, statusCode === 200 ? '' : body] as const
  }

  it('gets an answer at its task, as the Manager does', async () => {
    expect((await ask(one))[0]).toBe(200)
    expect((await ask(manager))[0]).toBe(200)
    expect(upstream.asked).toHaveLength(2)
  })

  it.each(['/v1/messages', '/v1/messages/count_tokens'])(
    'gets none without a task at %s, however often it asks',
    async (path) => {
      for (let count = 0; count < 3; count += 1) {
        const [status, body] = await ask(two, {}, path)
        expect([status, body]).toEqual([400, expect.stringContaining('worker-2 holds no task')])
        expect(body).toContain('invalid_request_error')
      }
      expect(upstream.asked).toEqual([])
    },
  )

  it('gets none of another model, in whatever place it names it', async () => {
    for (const change of [{ model: 'claude-fable-5-1' }, { model: ['claude-opus-5-5'] }])
      expect((await ask(one, change))[0]).toBe(400)
    expect(upstream.asked).toEqual([])
    expect((await ask(one, { model: 'claude-haiku-5-5' }))[0]).toBe(200)
  })

  const exits = [
    { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] },
    { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] },
    { mcp_servers: [{ type: 'url', url: 'https://evil.example', name: 'x' }] },
    { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }], container: 'c' },
  ]

  it('sends nothing through the provider while it has no network', async () => {
    for (const change of exits)
      expect(await ask(one, change)).toEqual([400, expect.stringContaining('have no network')])
    expect(upstream.asked).toEqual([])
  })

  it('may use the tools of the provider where it has a network', async () => {
    await app.close()
    await open(false)
    for (const change of exits) expect((await ask(one, change))[0]).toBe(200)
  })
})
