import { describe, expect, it } from 'vitest'
import { readUnifiedLimits } from './windows.ts'

const header = (name: string, value: string) => ({ [`anthropic-ratelimit-unified-${name}`]: value })

describe('the usage windows in the headers of an answer', () => {
  it('are read from a warning on a served request', () => {
    const headers = {
      ...header('status', 'allowed_warning'),
      ...header('representative-claim', 'five_hour'),
      ...header('5h-utilization', '0.92'),
      ...header('5h-reset', '1795167871'),
      ...header('7d-utilization', '0.41'),
    }
    expect(readUnifiedLimits(headers)).toEqual({
      isRejected: false,
      claim: 'five_hour',
      resetsAt: null,
      windows: [
        { window: 'five-hour', isRejected: false, usedPercent: 92, resetsAt: 1_795_167_871_000 },
        { window: 'weekly', isRejected: false, usedPercent: 41, resetsAt: null },
      ],
    })
  })

  it('are none for an API key', () => {
    expect(readUnifiedLimits({ 'anthropic-ratelimit-requests-remaining': '3' }).windows).toEqual([])
  })

  it.each(['', 'much', '-1', 'NaN', 'Infinity'])(
    'are left out when the share used reads "%s"',
    (share) => {
      expect(readUnifiedLimits(header('5h-utilization', share)).windows).toEqual([])
    },
  )
})
