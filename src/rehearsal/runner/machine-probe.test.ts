import { describe, expect, it } from 'vitest'
import { describeProbe, probeMachine } from './machine-probe.ts'

describe('the probe of the machine', () => {
  it('measures what any machine can do, and no engine where none is used', async () => {
    expect(await probeMachine('process')).toEqual({
      spawnMs: expect.any(Number),
      fsyncMs: expect.any(Number),
      engineMs: null,
    })
  })

  it('is one line of figures', () => {
    expect(describeProbe({ spawnMs: 2.5, fsyncMs: 1, engineMs: 30 })).toBe(
      'this machine: spawn 2.5 ms, fsync 1 ms, docker version 30 ms (medians of 5)',
    )
    expect(describeProbe({ spawnMs: 2.5, fsyncMs: 1, engineMs: null })).not.toContain('docker')
  })
})
