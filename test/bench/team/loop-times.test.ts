import { describe, expect, it } from 'vitest'
import { loopTimesSince } from './loop-times.ts'

const sampleAt = (at: number, each: number): string =>
  `${JSON.stringify({
    ...{ at, spawnMs: each, spawns: each * 2, filesMs: each * 3 },
    ...{ commitsMs: each * 4, activeMs: each * 5 },
  })}\n`

describe('the times of the event loop', () => {
  const text = sampleAt(10, 1) + sampleAt(20, 3) + sampleAt(30, 10)

  it('leave out what was before', () => {
    expect(loopTimesSince(text, 25)).toEqual({
      ...{ spawnMs: 7, spawns: 14, filesMs: 21 },
      ...{ commitsMs: 28, activeMs: 35 },
    })
  })

  it('are all of them when nothing was before', () => {
    expect(loopTimesSince(text, 5).spawnMs).toBe(10)
  })

  it('are refused in a file that another program wrote', () => {
    expect(() => loopTimesSince('{"at":1}\n', 5)).toThrow('invalid_type')
  })
})
