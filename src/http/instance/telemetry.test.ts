import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { one, Run, two } from '../../../test/support/run.ts'
import type { Event } from '../../core/model/event.ts'
import { budgetVerdict } from '../../core/model/ledger.ts'
import type { Policy } from '../../core/model/policy.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { answerErrors } from '../access/refusal.ts'
import { telemetryRoutes } from './telemetry.ts'

const captured = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/claude/telemetry/logs.json'),
  'utf8',
)
const renamed = captured.replaceAll('req_rehearsal_', 'req_later_')
const tokens = new LaunchTokens('secret')
const stillClock = { now: () => 2_000_000, alarm: () => ({ [Symbol.dispose]: () => undefined }) }

let app: FastifyInstance
let dispatcher: Dispatcher
let counted: Event[]
let elapsed: number

const post = (
  payload: string,
  token = tokens.tokenOf(one, 1),
  url = '/otel/v1/logs',
  type = 'application/json',
) =>
  app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
  })

const open = (policy: Partial<Policy> = {}): void => {
  const { state } = new Run(policy).allUp()
  dispatcher = new Dispatcher(createFakeStore(), stillClock, state, () => undefined)
  counted = []
  dispatcher.subscribe(({ entry: { event } }) => counted.push(event))
  app = fastify()
  answerErrors(app)
  telemetryRoutes(app, { dispatcher, tokens }, () => elapsed)
}

beforeEach(() => {
  elapsed = 0
  open()
})

afterEach(async () => {
  await app.close()
  dispatcher[Symbol.dispose]()
})

describe('an export of logs', () => {
  it('counts each request for the launch that sent it and its credential', async () => {
    const response = await post(captured)
    expect([response.statusCode, response.json()]).toEqual([200, {}])
    const credential = dispatcher.state.instances.get(one)?.credential
    expect(credential).toMatch(/^key-/)
    expect(counted).toMatchObject([
      { type: 'usage-counted', instance: one, launch: 1, credential, usage: { outputTokens: 28 } },
      { type: 'usage-counted', instance: one, launch: 1, credential, usage: { outputTokens: 8 } },
    ])
  })

  it('that arrives twice is counted once', async () => {
    await post(captured)
    await post(captured)
    expect(counted).toHaveLength(2)
    await post(renamed)
    expect(counted).toHaveLength(4)
  })

  it('is counted for each instance separately: none can hide the requests of another', async () => {
    await post(captured)
    await post(captured, tokens.tokenOf(two, 1))
    expect(counted.map((event) => 'instance' in event && event.instance)).toEqual([
      one,
      one,
      two,
      two,
    ])
  })

  it('is remembered for a limited time', async () => {
    await post(captured)
    for (let batch = 0; batch < 600; batch += 1) {
      elapsed += 1_000
      await post(captured.replaceAll('req_rehearsal_', `req_${batch}_`))
    }
    expect(counted).toHaveLength(1_202)
    await post(captured.replaceAll('req_rehearsal_', 'req_599_'))
    expect(counted).toHaveLength(1_202)
    await post(captured)
    expect(counted).toHaveLength(1_204)
  })

  it.each([
    [401, 'worker-1.1.forged'],
    [409, tokens.tokenOf(one, 2)],
    [409, tokens.tokenOf(one, 0)],
  ])('is refused with %d when its token is %s', async (status, token) => {
    expect((await post(captured, token)).statusCode).toBe(status)
    expect(counted).toEqual([])
  })

  it.each([
    [413, `{"pad":"${'x'.repeat(1024 * 1024)}"}`, 'application/json'],
    [400, '{"resourceLogs":', 'application/json'],
    [400, '{"resourceLogs":[],"__proto__":{}}', 'application/json'],
    [415, captured, 'application/x-protobuf'],
    [200, 'null', 'application/json'],
    [200, '['.repeat(100_000) + ']'.repeat(100_000), 'application/json'],
  ])('is answered %d and changes nothing when it is %.40s', async (status, payload, type) => {
    expect((await post(payload, undefined, undefined, type)).statusCode).toBe(status)
    expect(counted).toEqual([])
  })
})

describe.each(['/otel/v1/metrics', '/otel/v1/traces'])('an export to %s', (url) => {
  it('is accepted and dropped', async () => {
    expect((await post(captured, undefined, url)).statusCode).toBe(200)
    expect(counted).toEqual([])
  })

  it('needs the token of a launch too', async () => {
    expect((await post(captured, 'forged', url)).statusCode).toBe(401)
  })
})

/** So many records, each as large as one can be. */
const forged = (count: number, name: string): string => {
  const attributes = [
    { key: 'event.name', value: { stringValue: 'api_request' } },
    { key: 'model', value: { stringValue: 'claude-opus-5-5' } },
    { key: 'input_tokens', value: { intValue: 2_500_000 } },
    { key: 'cost_usd_micros', value: { intValue: 50_000_000 } },
  ]
  const logRecords = Array.from({ length: count }, (_, index) => ({
    attributes: [...attributes, { key: 'request_id', value: { stringValue: `${name}-${index}` } }],
  }))
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

describe('an instance that forges usage to end the budget of the run', () => {
  const budget = { perRun: { costMicros: 50_000_000, tokens: 100_000_000 } }
  const verdict = () => budgetVerdict(dispatcher.state.ledger, budget, null)

  it('does not end it with one export, nor with hundreds at once', async () => {
    open({ budget })
    await post(forged(512, 'first'))
    expect(dispatcher.state.ledger.run.costMicros).toBeLessThanOrEqual(2_500_000)
    for (let count = 0; count < 20; count += 1) await post(forged(512, `export-${count}`))
    expect(verdict()).toBe('within')
    expect(dispatcher.state.ledger.run.costMicros).toBeLessThanOrEqual(2_500_000)
    expect(counted.length).toBeLessThanOrEqual(600)
  })

  it('gets a twentieth of it in a minute', async () => {
    open({ budget })
    for (let minute = 1; minute <= 10; minute += 1) {
      elapsed += 60_000
      await post(forged(512, `minute-${minute}`))
      expect(dispatcher.state.ledger.run.costMicros).toBeLessThanOrEqual(2_500_000 * (minute + 1))
    }
    expect(verdict()).toBe('within')
  })

  it('gets nothing behind the gateway, which counts the requests itself', async () => {
    open({ budget, credentials: 'gateway' })
    expect((await post(forged(512, 'first'))).statusCode).toBe(200)
    expect(counted).toEqual([])
  })

  it('still counts an honest request in part that is larger than the rest of its minute', async () => {
    open({ budget: { perRun: { costMicros: 100_000 } } })
    await post(forged(1, 'large'))
    expect(dispatcher.state.ledger.run).toMatchObject({ requests: 1, costMicros: 5_000 })
  })
})
