import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readStatusLine } from './status-line.ts'

const captured = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/claude/status-line.json', import.meta.url), 'utf8'),
) as Record<string, unknown>
const withLimits = (rate_limits: unknown) => readStatusLine({ ...captured, rate_limits }).windows

describe('the status line of Claude Code', () => {
  it('gives the usage and the reset of each window', () => {
    expect(readStatusLine(captured).windows).toEqual([
      { window: 'five-hour', usedPercent: 100, resetsAt: Date.UTC(2026, 10, 20, 9, 44, 31) },
      { window: 'weekly', usedPercent: 40, resetsAt: Date.UTC(2026, 10, 23, 7, 34, 31) },
    ])
  })

  it('gives one window without the other', () => {
    expect(withLimits({ seven_day: { used_percentage: 12.5, resets_at: null } })).toEqual([
      { window: 'weekly', usedPercent: 12.5, resetsAt: null },
    ])
  })

  it.each([
    ['a number', 7],
    ['nothing', undefined],
    ['an API key, which has no windows', { ...captured, rate_limits: undefined }],
    ['null', { ...captured, rate_limits: null }],
    [
      'windows of another shape',
      { ...captured, rate_limits: { five_hour: 40, seven_day: { used_percentage: 'much' } } },
    ],
    ['a share below nothing', { ...captured, rate_limits: { five_hour: { used_percentage: -1 } } }],
  ])('gives nothing for %s', (_, body) => {
    expect(readStatusLine(body).windows).toEqual([])
  })

  it('corrects impossible values of an instance', () => {
    expect(withLimits({ five_hour: { used_percentage: 4_000, resets_at: 1e300 } })).toEqual([
      { window: 'five-hour', usedPercent: 100, resetsAt: null },
    ])
  })
})
