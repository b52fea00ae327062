import type { Clock } from '../../src/ports/clock.ts'

/** A clock for tests in which nothing but the clock waits: it jumps to its next alarm as soon as everything else is done. */
export function createSkippingClock(start = 1_000_000): Clock {
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>()
  let now = start

  return {
    now: () => now,
    alarm(at, ring) {
      const alarm = { at, ring }
      alarms.add(alarm)
      const skip = (): void => {
        if (!alarms.has(alarm)) return
        const next = [...alarms].reduce((one, other) => (other.at < one.at ? other : one))
        alarms.delete(next)
        now = Math.max(now, next.at)
        next.ring()
        setImmediate(skip)
      }
      setImmediate(skip)
      return { [Symbol.dispose]: () => void alarms.delete(alarm) }
    },
  }
}
