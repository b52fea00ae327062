import { describe, expect, it } from 'vitest'
import { mayHold } from './locks.ts'

const hour = 3_600_000
const began = { at: 10 * hour, monotonic: 50_000 }
const after = (ms: number, setBy = 0) => ({
  at: began.at + ms + setBy,
  monotonic: began.monotonic + ms,
})

describe('a command under way', () => {
  it('may hold a lock that was made since it began, and no older one', () => {
    expect(mayHold(began, began.at + 100, after(2_000))).toBe(true)
    expect(mayHold(began, began.at - 5, after(2_000))).toBe(true)
    expect(mayHold(began, began.at - 100, after(2_000))).toBe(false)
  })

  it('may hold any lock if the clock was set in its middle', () => {
    expect(mayHold(began, began.at - hour + 1_000, after(2_000, -hour))).toBe(true)
    expect(mayHold(began, began.at + 1_000, after(2_000, hour))).toBe(true)
  })

  it('does not hold a lock from before the clock was set back, when it began after that', () => {
    expect(mayHold(began, began.at + hour, after(2_000))).toBe(false)
  })
})
