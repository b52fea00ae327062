import { afterEach, describe, expect, it, vi } from 'vitest'
import { Turns } from './turns.ts'

afterEach(() => void vi.useRealTimers())

const pace = { burst: 1_000, perSecond: 1_000 }

describe('turns', () => {
  it('come in the order in which they were asked for', async () => {
    const turns = new Turns({ open: 1, waiting: 9, pace, turnMs: 60_000 })
    const first = await turns.enter()
    const order: string[] = []
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      using _turn = await turns.enter()
      order.push(name)
    })
    expect(order).toEqual([])
    first?.[Symbol.dispose]()
    await Promise.all(waiting)
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('end once, however often they are disposed of', async () => {
    const turns = new Turns({ open: 1, waiting: 9, pace, turnMs: 10 })
    const first = await turns.enter()
    first?.[Symbol.dispose]()
    first?.[Symbol.dispose]()
    expect(await turns.enter()).not.toBeNull()
    expect(await turns.enter()).toBeNull()
  })

  it('that nothing waits for any more are not given', async () => {
    const turns = new Turns({ open: 1, waiting: 9, pace, turnMs: 10 })
    const first = await turns.enter()
    expect(await turns.enter()).toBeNull()
    first?.[Symbol.dispose]()
    expect(await turns.enter()).not.toBeNull()
  })

  it('are refused at once where too many wait', async () => {
    const turns = new Turns({ open: 1, waiting: 2, pace, turnMs: 60_000 })
    const first = await turns.enter()
    const waiting = [turns.enter(), turns.enter()]
    expect(await turns.enter()).toBeNull()
    first?.[Symbol.dispose]()
    const second = await waiting[0]
    expect(second).not.toBeNull()
    second?.[Symbol.dispose]()
    expect(await waiting[1]).not.toBeNull()
  })

  it('keep the pace after the burst', async () => {
    vi.useFakeTimers()
    const turns = new Turns({
      open: 9,
      waiting: 9,
      pace: { burst: 1, perSecond: 50 },
      turnMs: 60_000,
    })
    await turns.enter()
    let isGiven = false
    const waiting = turns.enter().then(() => (isGiven = true))
    await vi.advanceTimersByTimeAsync(19)
    expect(isGiven).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
  })
})
