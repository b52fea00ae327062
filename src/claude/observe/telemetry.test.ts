import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTelemetry } from './telemetry.ts'

const captured: unknown = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '../../../test/fixtures/claude/telemetry/logs.json'),
    'utf8',
  ),
)

type Value = string | number
const valueOf = (value: Value) =>
  typeof value === 'string'
    ? { stringValue: value }
    : Number.isInteger(value)
      ? { intValue: value }
      : { doubleValue: value }
const record = (attributes: Readonly<Record<string, Value>>) => ({
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) })),
})
const exportOf = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
const request = (change: Readonly<Record<string, Value>> = {}) =>
  record({
    'event.name': 'api_request',
    request_id: 'req_1',
    model: 'claude-sonnet-5-5',
    input_tokens: 10,
    ...change,
  })
const usagesOf = (...records: unknown[]) =>
  readTelemetry(exportOf(...records)).requests.map(({ usage }) => usage)

describe('a captured export', () => {
  it('has two requests, and nothing of the other records', () => {
    const usage = { model: 'claude-opus-5-5', cacheReadTokens: 0, cacheCreationTokens: 0 }
    expect(readTelemetry(captured).requests).toEqual([
      {
        requestId: 'req_rehearsal_1',
        usage: {
          ...usage,
          inputTokens: expect.any(Number),
          outputTokens: 28,
          costMicros: expect.any(Number),
        },
      },
      {
        requestId: 'req_rehearsal_2',
        usage: {
          ...usage,
          inputTokens: expect.any(Number),
          outputTokens: 8,
          costMicros: expect.any(Number),
        },
      },
    ])
  })
})

describe('an export', () => {
  it('that holds a request twice gives it once', () => {
    expect(usagesOf(request(), request(), request({ request_id: 'req_2' }))).toHaveLength(2)
  })

  it('identifies requests without an id by session, sequence and time', () => {
    const nameless = { ...attributesWithoutId, 'event.timestamp': '2026-11-20T09:00:00.000Z' }
    const later = { ...nameless, 'event.timestamp': '2026-11-20T09:05:00.000Z' }
    expect(usagesOf(record(nameless), record(nameless), record(later))).toHaveLength(2)
  })

  it('leaves out a request that has nothing to identify it', () => {
    expect(usagesOf(record(attributesWithoutId))).toEqual([])
  })

  it.each([
    ['in micros', { cost_usd_micros: 49_284, cost_usd: 1.5 }, 49_284],
    ['in dollars alone', { cost_usd: 0.049284 }, 49_284],
    ['not at all', {}, 0],
  ])('reads a cost that is given %s', (_, cost, costMicros) => {
    expect(usagesOf(request(cost))).toMatchObject([{ costMicros }])
  })

  it('reads integers that are written as strings', () => {
    const asText = {
      attributes: [...request().attributes, { key: 'output_tokens', value: { intValue: '77' } }],
    }
    expect(usagesOf(asText)).toMatchObject([{ inputTokens: 10, outputTokens: 77 }])
  })

  it('counts a request whose model has no printable name', () => {
    expect(usagesOf(request({ model: 'evil"\n}' }))).toMatchObject([
      { model: 'unknown', inputTokens: 10 },
    ])
  })

  it.each([
    ['fewer than no tokens', { output_tokens: -1 }],
    ['more tokens than a request can use', { output_tokens: 1e15 }],
    ['half a token', { output_tokens: 0.5 }],
    ['words for tokens', { output_tokens: 'many' }],
    ['more money than a request can cost', { cost_usd_micros: 1e12 }],
    ['an endless id', { request_id: 'x'.repeat(1_000) }],
  ])('leaves out a request with %s, and no other', (_, change) => {
    expect(usagesOf(request(change), request({ request_id: 'req_2' }))).toHaveLength(1)
  })

  it('is read up to the largest size of a real one', () => {
    expect(
      usagesOf(
        ...Array.from({ length: 5_000 }, (_, index) => request({ request_id: `req_${index}` })),
      ),
    ).toHaveLength(512)
  })

  it.each([
    [null],
    ['text'],
    [[]],
    [{ resourceLogs: 1 }],
    [
      {
        resourceLogs: [
          null,
          { scopeLogs: {} },
          { scopeLogs: [{ logRecords: [1, { attributes: 2 }] }] },
        ],
      },
    ],
    [
      exportOf({
        attributes: [null, { key: 1 }, { key: '__proto__', value: { stringValue: 'x' } }],
      }),
    ],
  ])('that is %j holds no request', (body) => {
    expect(readTelemetry(body)).toEqual({ requests: [] })
  })

  it('corrupted anywhere never throws, and what is counted can be added up', () => {
    const spoilt = <Honest>(honest: fc.Arbitrary<Honest>) =>
      fc.oneof({ weight: 9, arbitrary: honest }, fc.jsonValue({ maxDepth: 1 }))
    const listOf = (item: fc.Arbitrary<unknown>) => spoilt(fc.array(spoilt(item), { maxLength: 3 }))
    const names = Object.keys({
      ...attributesWithoutId,
      request_id: '',
      model: '',
      cost_usd: 0,
      cost_usd_micros: 0,
    })
    const number = fc.oneof(fc.nat(), fc.double(), fc.constant(-1))
    const value = spoilt(
      fc.record(
        { stringValue: fc.string(), intValue: number, doubleValue: number },
        { requiredKeys: [] },
      ),
    )
    const attribute = fc.record({ key: spoilt(fc.constantFrom(...names)), value })
    const isRequest = fc.constant({ key: 'event.name', value: { stringValue: 'api_request' } })
    const attributes = spoilt(fc.array(fc.oneof(attribute, isRequest), { maxLength: 12 }))
    const body = fc.record({
      resourceLogs: listOf(
        fc.record({
          scopeLogs: listOf(fc.record({ logRecords: listOf(fc.record({ attributes })) })),
        }),
      ),
    })
    fc.assert(
      fc.property(body, (spoiltBody) => {
        for (const { usage } of readTelemetry(spoiltBody).requests) {
          const { model: _, ...counts } = usage
          for (const count of Object.values(counts))
            expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
        }
      }),
    )
  })
})

const attributesWithoutId = {
  'event.name': 'api_request',
  'session.id': 's',
  'event.sequence': 6,
  input_tokens: 10,
} as const
