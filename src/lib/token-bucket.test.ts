import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const pace = { burst: 20, perSecond: 5 }

describe('a token bucket', () => {
  it('never allows more than its burst and its rate, at any rhythm of calls', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { size: 'max', maxLength: 150 }), (pauses) => {
        const bucket = new TokenBucket(pace, 0)
        const taken: number[] = []
        let now = 0
        for (const pause of pauses) {
          now += pause
          if (bucket.take(now) === 0) taken.push(now)
        }
        const excess = taken.flatMap((from, first) =>
          taken
            .slice(first)
            .map((to, more) => more + 1 - pace.burst - ((to - from) / 1_000) * pace.perSecond),
        )
        expect(Math.max(0, ...excess)).toBeLessThan(0.001)
      }),
    )
  })

  it('returns the time of the next token, and has it then', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { size: 'max', maxLength: 100 }), (pauses) => {
        const bucket = new TokenBucket(pace, 0)
        let now = 0
        for (const pause of pauses) {
          now += pause
          const waitMs = bucket.take(now)
          if (waitMs === 0) continue
          now += waitMs
          expect(bucket.take(now)).toBe(0)
        }
      }),
    )
  })

  it('fills up to its size and no further', () => {
    const bucket = new TokenBucket(pace, 0)
    const burst = (at: number): number =>
      Array.from({ length: 50 }, () => bucket.take(at)).filter((waitMs) => waitMs === 0).length
    expect([burst(0), burst(1_000), burst(3_600_000)]).toEqual([20, 5, 20])
  })
})
