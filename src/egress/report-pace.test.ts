import { expect, it, vi } from 'vitest'
import { ReportPace } from './report-pace.ts'

it('reports pass at their pace, and say how many did not pass', () => {
  const time = vi.useFakeTimers()
  try {
    const pace = new ReportPace({ burst: 2, perSecond: 1 })
    expect([1, 2, 3, 4, 5].map(() => pace.next())).toEqual([0, 0, null, null, null])
    time.advanceTimersByTime(1_000)
    expect([1, 2].map(() => pace.next())).toEqual([3, null])
    time.advanceTimersByTime(1_000)
    expect(pace.next()).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})
