import { describe, expect, it } from 'vitest'
import { retryUntilStable } from './retry-until-stable.ts'

/** `withinMs` is longer than any machine stalls, except where the test is about it. */
const times = { forMs: 40, withinMs: 30_000, everyMs: 5 }

describe('what has to stand for a while', () => {
  it('is made once if it is not undone', async () => {
    let made = 0
    await retryUntilStable({
      make: async () => void (made += 1),
      stands: async () => true,
      ...times,
    })
    expect(made).toBe(1)
  })

  it('is made again when it was undone, and then has its time', async () => {
    const [madeAt, isUndone] = [[] as number[], [false, false, true]]
    const stands = async () => !isUndone.shift()
    await retryUntilStable({
      make: async () => void madeAt.push(performance.now()),
      stands,
      ...times,
    })
    expect(madeAt).toHaveLength(2)
    expect(performance.now() - (madeAt[1] ?? 0)).toBeGreaterThanOrEqual(times.forMs)
  })

  it('is given up when it is always undone', async () => {
    let made = 0
    await retryUntilStable({
      make: async () => void (made += 1),
      stands: async () => false,
      ...times,
      withinMs: 60,
    })
    expect(made).toBeGreaterThan(0)
  })
})
