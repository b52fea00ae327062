import type { Clock } from '../../ports/clock.ts'

/**
 * The longest delay of a timer (2³¹ − 1 ms). A later alarm rings early, and its owner sets it again
 * when it checks the time.
 */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  alarm(at, ring) {
    const timer = setTimeout(ring, Math.min(Math.max(0, at - Date.now()), longestTimerMs))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
