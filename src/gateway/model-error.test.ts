import { describe, expect, it } from 'vitest'
import { modelErrorOf } from './model-error.ts'

const now = Date.parse('2026-11-20T06:00:00Z')
const inTwoHours = now + 2 * 3_600_000
const inThreeDays = now + 3 * 86_400_000
const seconds = (at: number): string => String(at / 1_000)

/** The provider's headers for a window that is used up. */
const unified = (claim: string | null, changes: Record<string, string> = {}) => ({
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-reset': seconds(inTwoHours),
  ...(claim === null ? {} : { 'anthropic-ratelimit-unified-representative-claim': claim }),
  'anthropic-ratelimit-unified-5h-utilization': '0.4',
  'anthropic-ratelimit-unified-7d-utilization': '0.4',
  ...changes,
})
const fiveHour = {
  'anthropic-ratelimit-unified-5h-status': 'rejected',
  'anthropic-ratelimit-unified-5h-reset': seconds(inTwoHours),
}
const sevenDays = {
  'anthropic-ratelimit-unified-7d-status': 'rejected',
  'anthropic-ratelimit-unified-7d-reset': seconds(inThreeDays),
}
const error = (type: string, message: string, details?: object) =>
  JSON.stringify({ type: 'error', error: { type, message, details } })

const errorOf = (status: number, headers: Record<string, string> = {}, body = '') =>
  modelErrorOf({ status, headers, body: Buffer.from(body) }, now)

describe('a 429', () => {
  it.each([
    [
      'a used-up five-hour window',
      unified('five_hour', fiveHour),
      { kind: 'quota', window: 'five-hour', until: inTwoHours },
    ],
    [
      'a used-up week, with its own reset',
      unified('seven_day', sevenDays),
      { kind: 'quota', window: 'weekly', until: inThreeDays },
    ],
    [
      'a used-up week without a reset of its own',
      unified('seven_day'),
      { kind: 'quota', window: 'weekly', until: inTwoHours },
    ],
    [
      'the window of one model',
      unified('seven_day_opus'),
      { kind: 'model-quota', until: inTwoHours },
    ],
    [
      'the window of another model',
      unified('seven_day_sonnet'),
      { kind: 'model-quota', until: inTwoHours },
    ],
    ['used-up credit', unified('overage'), { kind: 'spent' }],
    [
      'an unknown window',
      unified('thirty_day'),
      { kind: 'quota', window: 'unknown', until: inTwoHours },
    ],
    [
      'a rejected window that no claim names',
      unified(null, fiveHour),
      { kind: 'quota', window: 'five-hour', until: inTwoHours },
    ],
    ['limits of which none is used up', unified(null), { kind: 'throttled' }],
    [
      'a window that is not used up',
      unified('five_hour', { 'anthropic-ratelimit-unified-status': 'allowed' }),
      { kind: 'throttled' },
    ],
    ['nothing', {}, { kind: 'throttled' }],
    ['a short wait', { 'retry-after': '3' }, { kind: 'throttled' }],
    ['the longest wait of a throttle', { 'retry-after': '60' }, { kind: 'throttled' }],
    [
      'a long wait',
      { 'retry-after': '3600' },
      { kind: 'quota', window: 'unknown', until: now + 3_600_000 },
    ],
    [
      'a wait until a date',
      { 'retry-after': new Date(inTwoHours).toUTCString() },
      { kind: 'quota', window: 'unknown', until: inTwoHours },
    ],
    ['an unreadable wait', { 'retry-after': 'soon' }, { kind: 'throttled' }],
    [
      'a reset that is unreadable',
      {
        ...unified('five_hour'),
        'anthropic-ratelimit-unified-reset': 'soon',
        'retry-after': '7200',
      },
      { kind: 'quota', window: 'five-hour', until: inTwoHours },
    ],
    [
      'no reset at all',
      {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      },
      { kind: 'quota', window: 'five-hour', until: null },
    ],
  ])('with %s', (_what, headers, expected) => {
    expect(
      errorOf(
        429,
        headers,
        error('rate_limit_error', 'This request would exceed your rate limit.'),
      ),
    ).toEqual(expected)
  })

  it('is about money when its code says so', () => {
    const body = error('rate_limit_error', 'Limit reached.', {
      error_code: 'enforced_spend_limit_reached',
    })
    expect(errorOf(429, {}, body)).toEqual({ kind: 'spent' })
  })
})

describe('a refusal', () => {
  it.each([
    [
      400,
      error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      'spent',
    ],
    [
      400,
      error(
        'invalid_request_error',
        'You have reached your specified API usage limits. You will regain access on …',
      ),
      'spent',
    ],
    [
      400,
      error('invalid_request_error', 'You have reached your specified workspace API usage limits.'),
      'spent',
    ],
    [400, error('billing_error', 'Pay.'), 'spent'],
    [402, '', 'spent'],
    [
      400,
      error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
      'other',
    ],
    [400, 'not JSON', 'other'],
    [404, error('not_found_error', 'model: claude-nope'), 'other'],
    [413, error('request_too_large', 'too large'), 'other'],
    [401, error('authentication_error', 'invalid x-api-key'), 'rejected'],
    [403, error('permission_error', 'OAuth token has been revoked'), 'rejected'],
    [403, '', 'rejected'],
    [500, error('api_error', 'Internal server error'), 'overloaded'],
    [502, '<html>', 'overloaded'],
    [503, '', 'overloaded'],
    [529, error('overloaded_error', 'Overloaded'), 'overloaded'],
    [
      529,
      error('overloaded_error', 'your credit balance is too low, says a page that we quote'),
      'overloaded',
    ],
  ])('of status %i and %s is %s', (status, body, kind) => {
    expect(errorOf(status, { 'content-type': 'application/json' }, body)).toEqual({ kind })
  })

  it.each([401, 403])(
    'from a proxy (an HTML page, %i) does not count against the credential',
    (status) => {
      expect(
        errorOf(status, { 'content-type': 'text/html; charset=utf-8' }, '<html>blocked</html>'),
      ).toEqual({ kind: 'unreachable' })
    },
  )
})
