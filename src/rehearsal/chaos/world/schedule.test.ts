import { describe, expect, it } from 'vitest'
import { kinds } from './fault-kinds.ts'
import { type ScheduleOrder, scheduleOf } from './schedule.ts'

const order: ScheduleOrder = {
  seed: 1,
  minutes: 20,
  instances: ['manager', 'worker-1', 'worker-2'],
  credentials: ['key-1', 'key-2', 'key-3', 'key-4'],
}

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(scheduleOf(order)).toEqual(scheduleOf(order))
    expect(scheduleOf({ ...order, seed: 2 })).not.toEqual(scheduleOf(order))
  })

  it('has more than six faults a minute, in order and within its time', () => {
    const faults = scheduleOf(order)
    const times = faults.map(({ atMs }) => atMs)
    expect(faults.length).toBeGreaterThanOrEqual(6 * order.minutes)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.every((at) => at >= 0 && at <= order.minutes * 60_000)).toBe(true)
  })

  it('has gaps that differ as chance would have it', () => {
    const times = scheduleOf(order).map(({ atMs }) => atMs)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeLessThan(1_000)
    expect(Math.max(...gaps)).toBeGreaterThan(20_000)
  })

  it('draws every kind sooner or later, each with a victim of its own sort and within its time', () => {
    const faults = scheduleOf({ ...order, minutes: 120 })
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)))
    for (const { kind, victim, lastsMs } of faults) {
      const { target, lastsMs: bounds } = kinds[kind]
      const victims = {
        instance: order.instances,
        model: order.instances,
        credential: order.credentials,
      }
      expect(target in victims ? victims[target as keyof typeof victims] : ['']).toContain(victim)
      expect(lastsMs).toBeGreaterThanOrEqual(bounds[0])
      expect(lastsMs).toBeLessThanOrEqual(bounds[1])
    }
  })
})
