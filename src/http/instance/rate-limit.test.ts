import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { one, Run, two } from '../../../test/support/run.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { limitInstanceRate } from './rate-limit.ts'
import { answerErrors } from '../access/refusal.ts'

const tokens = new LaunchTokens('secret')
const clock = { now: () => 2_000_000 + now, alarm: () => ({ [Symbol.dispose]: () => undefined }) }

const volume = { burst: 10_000, perSecond: 1_000 }

let app: FastifyInstance
let dispatcher: Dispatcher
let now: number
let parsed: number

const post = async (instance: InstanceId, launch = 1, url = '/hooks/Stop') => {
  const headers = {
    authorization: `Bearer ${tokens.tokenOf(instance, launch)}`,
    'content-type': 'application/json',
  }
  const { statusCode, headers: answered } = await app.inject({
    method: 'POST',
    url,
    payload: '{}',
    headers,
  })
  return { statusCode, retryAfter: answered['retry-after'] }
}
const statusesOf = async (
  count: number,
  ...who: Parameters<typeof post>
): Promise<readonly number[]> => {
  const statuses: number[] = []
  for (let time = 0; time < count; time += 1) statuses.push((await post(...who)).statusCode)
  return statuses
}

beforeEach(() => {
  now = 0
  parsed = 0
  dispatcher = new Dispatcher(createFakeStore(), clock, new Run().allUp().state, () => undefined)
  app = fastify()
  answerErrors(app)
  app.addHook(
    'onRequest',
    limitInstanceRate({ dispatcher, tokens }, { burst: 3, perSecond: 1 }, () => now, volume),
  )
  app.addHook('preHandler', async () => void (parsed += 1))
  for (const url of ['/hooks/:event', '/otel/v1/logs'])
    app.post(url, (_request, reply) => reply.send({}))
})

afterEach(async () => {
  await app.close()
  dispatcher[Symbol.dispose]()
})

describe('an instance that sends too much at once', () => {
  it('gets the time to retry, before its body is read', async () => {
    expect(await statusesOf(4, one)).toEqual([200, 200, 200, 429])
    expect(await post(one)).toEqual({ statusCode: 429, retryAfter: '1' })
    expect(parsed).toBe(3)
    now += 1_000
    expect(await statusesOf(2, one)).toEqual([200, 429])
  })

  it('does not limit other instances', async () => {
    await statusesOf(10, one)
    expect(await statusesOf(3, two)).toEqual([200, 200, 200])
  })

  it('cannot evade the limit at another address', async () => {
    await statusesOf(3, one)
    expect((await post(one, 1, '/otel/v1/logs')).statusCode).toBe(429)
  })

  it('starts again with its next launch, while the last one stays refused', async () => {
    await statusesOf(10, one)
    dispatcher.dispatch({ type: 'instance-lost', instance: one, launch: 1, cause: 'killed' })
    now += 60_000
    dispatcher.dispatch({ type: 'clock-ticked' })
    expect(await statusesOf(1, one, 1)).toEqual([409])
    expect(await statusesOf(4, one, 2)).toEqual([200, 200, 200, 429])
  })
})

describe('an instance that sends too many bytes', () => {
  const send = async (bytes: number, how: 'chunks' | 'whole', instance = one) => {
    const body = `"${'x'.repeat(bytes - 2)}"`
    const response = await fetch(`${app.listeningOrigin}/hooks/Stop`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.tokenOf(instance, 1)}`,
        'content-type': 'application/json',
      },
      body: how === 'whole' ? body : new Blob([body]).stream(),
      duplex: 'half',
    })
    await response.text()
    return [response.status, response.headers.get('retry-after')]
  }

  beforeEach(() => app.listen({ host: '127.0.0.1', port: 0 }))

  it.each(['whole', 'chunks'] as const)('is refused for a while (%s)', async (how) => {
    expect(await send(200_000, how)).toEqual([200, null])
    expect(await send(2, 'whole')).toEqual([429, expect.stringMatching(/^1\d\d$/)])
    expect(await send(2, 'whole', two)).toEqual([200, null])
    now += 190_000
    expect((await send(2, 'whole'))[0]).toBe(429)
    now += 60_000
    expect(await send(2, 'whole')).toEqual([200, null])
  })
})
