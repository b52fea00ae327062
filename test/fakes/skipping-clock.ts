import type { Clock } from '../../src/ports/clock.ts'

/** Turns of the event loop that everything else gets to go on before time does: far more than any fake needs to answer. */
const patience = 50

/** A clock for tests in which nothing but the clock waits: it jumps to its next alarm once everything else has had its turn. */
export function createSkippingClock(start = 1_000_000): Clock {
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>()
  let now = start
  let isRunning = false

  const skip = (turnsLeft: number): void => {
    if (alarms.size === 0) {
      isRunning = false
      return
    }
    if (turnsLeft > 0) return void setImmediate(skip, turnsLeft - 1)
    const next = [...alarms].reduce((one, other) => (other.at < one.at ? other : one))
    alarms.delete(next)
    now = Math.max(now, next.at)
    next.ring()
    setImmediate(skip, patience)
  }

  return {
    now: () => now,
    alarm(at, ring) {
      const alarm = { at, ring }
      alarms.add(alarm)
      if (!isRunning) {
        isRunning = true
        setImmediate(skip, patience)
      }
      return { [Symbol.dispose]: () => void alarms.delete(alarm) }
    },
  }
}
