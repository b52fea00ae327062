import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ModelFaults } from './model-faults.ts'

const secret = 'sk-ant-oat01-fake-rehearsal-2'

describe('a fault of the model', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('strikes as many requests with the credential, and no others', () => {
    const faults = new ModelFaults()
    const struckAt = faults.arm('key-2', { type: 'overloaded' }, 2, 5_000)
    expect(faults.faultFor('sk-ant-oat01-fake-rehearsal-1')).toBeNull()
    expect(struckAt()).toBeNull()
    const faultTypes = [1, 2, 3].map(() => faults.faultFor(secret)?.type ?? null)
    expect(faultTypes).toEqual(['overloaded', 'overloaded', null])
    expect(struckAt()).toBe(1_000_000)
  })

  it('knows the credential by a renewed secret, too', () => {
    const faults = new ModelFaults()
    faults.arm('key-2', { type: 'internal' }, 1, 5_000)
    expect(faults.faultFor(`${secret}-r17`)?.type).toBe('internal')
  })

  it('expires when no request comes in time', () => {
    const faults = new ModelFaults()
    faults.arm('key-2', { type: 'cut' }, 1, 5_000)
    vi.advanceTimersByTime(5_001)
    expect(faults.faultFor(secret)).toBeNull()
  })

  it('closes a window for every request until its reset', () => {
    const faults = new ModelFaults()
    faults.arm('key-2', { type: 'limit', window: 'five_hour', resetsAt: 1_020_000 }, 1, 5_000)
    const faultTypes = () => faults.faultFor(secret)?.type ?? null
    expect([faultTypes(), faultTypes()]).toEqual(['limit', 'limit'])
    vi.advanceTimersByTime(20_000)
    expect(faultTypes()).toBeNull()
  })

  it('refuses a secret that was never handed out', () => {
    expect(new ModelFaults().faultFor('sk-ant-something-else')?.type).toBe('unauthorized')
  })
})
