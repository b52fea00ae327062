import { describe, expect, it } from 'vitest'
import { rehearse } from '../../support/limit-rehearsal.ts'

describe('what passes by itself', () => {
  it('a limit of all credentials, parks the run, which goes on at the reset', async () => {
    const { parkedMs } = await rehearse('limit-all')
    // The window opens after 25 s; the finding "a credential that is out of use is left alone" has
    // no bound in time.
    process.stdout.write(`parked for ${parkedMs} ms\n`)
    expect(parkedMs).toBeGreaterThan(0)
  })

  it('throttling, is waited out with one change at most', async () => {
    const { rotations, parkedMs } = await rehearse('throttle')
    expect(rotations.length).toBeLessThanOrEqual(1)
    expect(parkedMs).toBe(0)
  })

  it('overload, changes no credential', async () => {
    const { rotations, parkedMs } = await rehearse('overload')
    expect([rotations, parkedMs]).toEqual([[], 0])
  })
})
