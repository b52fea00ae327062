import { describe, expect, it } from 'vitest'
import type { Struck } from './injector.ts'
import type { KindName } from './world/fault-kinds.ts'
import { percentile, repairsOf } from './repairs.ts'

const struck = (kind: KindName, lastsMs: number, wholeAt: number | null): Struck => ({
  fault: { number: 1, atMs: 0, kind, victim: '', lastsMs, dice: 0 },
  injectedAt: 1_000,
  healedAt: 1_000 + lastsMs,
  wholeAt,
})

describe('the repairs', () => {
  it('are counted by kind, from the fault and from its end', () => {
    const list = [
      struck('server-freeze', 500, 2_000),
      struck('server-freeze', 100, 4_000),
      struck('git-lock', 0, 1_250),
    ]
    expect(repairsOf(list)).toEqual([
      {
        kind: 'git-lock',
        count: 1,
        p50Ms: 250,
        p95Ms: 250,
        afterHealP50Ms: 250,
        afterHealP95Ms: 250,
      },
      {
        kind: 'server-freeze',
        count: 2,
        p50Ms: 1_000,
        p95Ms: 3_000,
        afterHealP50Ms: 500,
        afterHealP95Ms: 2_900,
      },
    ])
  })

  it('leave out what was not repaired', () => {
    expect(repairsOf([struck('git-lock', 0, null)])).toMatchObject([{ kind: 'git-lock', count: 0 }])
  })
})

describe('a percentile', () => {
  it('is the value of the nearest rank', () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index)
    expect(percentile(values, 0.5)).toBe(10)
    expect(percentile(values, 0.95)).toBe(19)
    expect(percentile([], 0.5)).toBe(0)
  })
})
