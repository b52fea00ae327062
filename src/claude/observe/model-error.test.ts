import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReset, readModelError } from './model-error.ts'

const now = Date.UTC(2026, 10, 20, 8, 0)
const at = (day: number, hour: number, minute: number, month = 10, year = 2026) =>
  Date.UTC(year, month, day, hour, minute)
const directory = join(import.meta.dirname, '../../../test/fixtures/claude/hooks')

function captured(name: string) {
  const payload = JSON.parse(
    readFileSync(join(directory, `StopFailure.${name}.json`), 'utf8'),
  ) as Record<string, string>
  return readModelError(payload['error'] ?? '', payload['last_assistant_message'] ?? '', now)
}

describe('the model error of a StopFailure', () => {
  const modelErrors = {
    authentication_failed: { kind: 'rejected' },
    oauth_org_not_allowed: { kind: 'rejected' },
    billing_error: { kind: 'spent' },
    'rate_limit.overage': { kind: 'spent' },
    'rate_limit.five_hour': { kind: 'quota', window: 'five-hour', until: at(20, 9, 17) },
    'rate_limit.five_hour.subagent': { kind: 'quota', window: 'five-hour', until: at(20, 9, 51) },
    'rate_limit.seven_day': { kind: 'quota', window: 'weekly', until: at(23, 7, 7) },
    'rate_limit.seven_day_opus': { kind: 'model-quota', until: at(23, 7, 7) },
    'rate_limit.temporary': { kind: 'throttled' },
    'rate_limit.api_key': { kind: 'quota', window: 'unknown', until: null },
    'server_error.500': { kind: 'overloaded' },
    'server_error.502': { kind: 'overloaded' },
    'server_error.503': { kind: 'overloaded' },
    'server_error.529': { kind: 'overloaded' },
    'invalid_request.prompt_too_long': { kind: 'other' },
    'invalid_request.too_large': { kind: 'other' },
    model_not_found: { kind: 'other' },
    unknown: { kind: 'other' },
  }

  it.each(Object.entries(modelErrors))('is read from %s', (name, modelError) => {
    expect(captured(name)).toEqual(modelError)
  })

  it('is known for every captured failure', () => {
    const names = readdirSync(directory).flatMap(
      (name) => /^StopFailure\.(.*)\.json$/.exec(name)?.[1] ?? [],
    )
    expect(Object.keys(modelErrors).toSorted()).toEqual(names.toSorted())
  })

  it.each([
    'Unable to connect to API (ConnectionRefused)',
    "API Error: Can't reach the API server — check your internet or DNS (ENOTFOUND)",
  ])('is the network’s when no connection was made: %s', (message) => {
    expect(readModelError('server_error', message, now)).toEqual({ kind: 'unreachable' })
  })
})

describe('a reset', () => {
  it.each([
    ['resets 9:16am (UTC)', at(20, 9, 17)],
    ['resets 7:59am (UTC)', at(21, 8, 0)],
    ['resets 8:00am (UTC)', at(20, 8, 1)],
    ['resets 12am (UTC)', at(21, 0, 1)],
    ['resets 12:30pm (UTC)', at(20, 12, 31)],
    ['resets Nov 23, 7:06am (UTC)', at(23, 7, 7)],
    ['resets Jan 2, 1pm (UTC)', at(2, 13, 1, 0, 2027)],
  ])('%s is the next one', (text, expected) => {
    expect(readReset(text, now)).toBe(expected)
  })

  it('that is not announced is unknown', () => {
    expect(readReset('Request rejected (429)', now)).toBeNull()
  })

  it.each([
    [
      'within the announced minute is used, with a second for clocks that differ',
      at(20, 9, 16) + 17_000,
      at(20, 9, 16) + 18_000,
    ],
    [
      'at the beginning of the announced minute is used as well',
      at(20, 9, 16),
      at(20, 9, 16) + 1_000,
    ],
    ['is never later than the announced minute', at(20, 9, 17), at(20, 9, 17)],
    ['in another minute is ignored', at(20, 9, 15) + 59_000, at(20, 9, 17)],
    ['a year away is ignored', at(20, 9, 16, 10, 2027), at(20, 9, 17)],
    ['before the epoch is ignored', -1, at(20, 9, 17)],
  ])('known to the second %s', (_, exact, expected) => {
    const message = "You've hit your 5-hour limit · resets 9:16am (UTC)"
    expect(readModelError('rate_limit', message, now, exact)).toEqual({
      kind: 'quota',
      window: 'five-hour',
      until: expected,
    })
  })

  it('known to the second but past is replaced by the end of its minute', () => {
    expect(readReset('resets 8:00am (UTC)', now + 20_000, now + 19_500)).toBe(at(20, 8, 1))
  })

  it('known to the second is ignored without an announcement', () => {
    expect(readReset('Request rejected (429)', now, now + 60_000)).toBeNull()
  })
})
