import type { Clock } from '../../src/ports/clock.ts'
import { createSteppedClock } from './stepped-clock.ts'

/** Turns of the event loop before time moves on: far more than any fake needs to answer. */
const patience = 50

/**
 * A clock for tests in which only the clock waits: it jumps to its next alarm once all other code
 * has run.
 */
export function createSkippingClock(start = 1_000_000): Clock {
  const clock = createSteppedClock(start)
  let isRunning = false

  const skip = (turnsLeft: number): void => {
    if (turnsLeft > 0) return void setImmediate(skip, turnsLeft - 1)
    isRunning = clock.step()
    if (isRunning) setImmediate(skip, patience)
  }

  return {
    now: () => clock.now(),
    alarm(at, ring) {
      const alarm = clock.alarm(at, ring)
      if (!isRunning) {
        isRunning = true
        setImmediate(skip, patience)
      }
      return alarm
    },
  }
}
