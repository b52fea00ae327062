import { describe, expect, it } from 'vitest'
import { busyShare, disturbancesOf, readTicks, stolenShare } from './disturbance.ts'

const probe = { spawnMs: 3, fsyncMs: 1, engineMs: 30 }
const calm = { probe, foreignShare: 0.02 }

describe('a round', () => {
  it('counts on a machine that is the same before and after it', () => {
    expect(disturbancesOf(calm, calm, 0)).toEqual([])
  })

  it.each([
    ['others were at work before it', { ...calm, foreignShare: 0.5 }, calm, 0, 'others use 50 %'],
    ['others were at work after it', calm, { ...calm, foreignShare: 0.5 }, 0, 'others use 50 %'],
    ['the host took its processors', calm, calm, 0.1, 'the host took 10 %'],
    [
      'a spawn takes three times as long after it',
      calm,
      { ...calm, probe: { ...probe, spawnMs: 9 } },
      0,
      'spawnMs went from 3 to 9',
    ],
    [
      'the engine answers three times as fast after it',
      calm,
      { ...calm, probe: { ...probe, engineMs: 10 } },
      0,
      'engineMs went from 30 to 10',
    ],
  ])('is disturbed when %s', (_, before, after, stolen, reason) => {
    expect(disturbancesOf(before, after, stolen)).toEqual([expect.stringContaining(reason)])
  })

  it('is not disturbed by a probe of a millisecond that moves by another', () => {
    const after = { ...calm, probe: { ...probe, fsyncMs: 2.5 } }
    expect(disturbancesOf(calm, after, 0)).toEqual([])
  })

  it('is not judged by an engine that answered on one side only', () => {
    const without = { ...calm, probe: { ...probe, engineMs: null } }
    expect(disturbancesOf(without, calm, 0)).toEqual([])
  })
})

describe('the ticks of /proc/stat', () => {
  const from = readTicks('cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')
  const to = readTicks('cpu  130 0 60 840 60 0 0 10 30 0\ncpu0 9 9 9 9 9 9 9 9 0 0\n')

  it('give the busy share of all processors, in which waiting for a disk is idle', () => {
    expect(from).toEqual({ total: 1_000, idle: 850, stolen: 0 })
    expect(busyShare(from, to)).toBeCloseTo(0.5)
  })

  it('give the share that the host took', () => {
    expect(stolenShare(from, to)).toBeCloseTo(0.1)
  })

  it('give no share of no time', () => {
    expect(busyShare(from, from)).toBe(0)
  })
})
