import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SlowNames } from './slow-names.ts'

const asked = { name: 'db.example', isListed: true, withinMs: 2_000 }
const silent = (): Promise<readonly string[]> => Promise.reject(new Error('no answer'))

describe('a name without an answer in time', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const stage = () => {
    const late: string[] = []
    const names = new SlowNames(() => late.push('an answer'))
    return { late, names }
  }
  const recalled = (names: SlowNames, isListed = true) => names.recall('db.example', isListed)

  it('has no address for a minute, and is asked for again afterwards', async () => {
    const { names, late } = stage()
    expect(await names.answerOf(silent(), asked)).toEqual([])
    expect(recalled(names)).toEqual([])
    vi.advanceTimersByTime(60_000)
    expect(recalled(names)).toBeNull()
    expect(late).toEqual([])
  })

  it('is asked for at once when an entry allows it meanwhile', async () => {
    const { names } = stage()
    await names.answerOf(silent(), { ...asked, isListed: false })
    expect(recalled(names, false)).toEqual([])
    expect(recalled(names)).toBeNull()
  })

  it('has the addresses that come late, also when it is slow or silent again', async () => {
    const { names, late } = stage()
    const answer = Promise.withResolvers<readonly string[]>()
    const first = names.answerOf(answer.promise, asked)
    vi.advanceTimersByTime(2_000)
    expect(await first).toEqual([])
    answer.resolve(['10.0.0.7'])
    await answer.promise
    await Promise.resolve()
    expect(late).toEqual(['an answer'])
    expect(recalled(names)).toEqual(['10.0.0.7'])
    vi.advanceTimersByTime(60_000)
    expect(recalled(names)).toBeNull()
    expect(await names.answerOf(silent(), asked)).toEqual(['10.0.0.7'])
    expect(recalled(names)).toEqual(['10.0.0.7'])
  })

  it('says so when its next lookup finds addresses in time', async () => {
    const { names, late } = stage()
    await names.answerOf(silent(), asked)
    expect(await names.answerOf(Promise.resolve(['10.0.0.7']), asked)).toEqual(['10.0.0.7'])
    expect(late).toEqual(['an answer'])
  })

  it('loses them when a lookup says something else', async () => {
    const { names } = stage()
    const answer = Promise.withResolvers<readonly string[]>()
    const first = names.answerOf(answer.promise, asked)
    vi.advanceTimersByTime(2_000)
    await first
    answer.resolve(['10.0.0.7'])
    await answer.promise
    expect(await names.answerOf(Promise.resolve([]), asked)).toEqual([])
    expect(names.lateAddresses('db.example')).toEqual([])
    expect(recalled(names)).toBeNull()
  })
})
