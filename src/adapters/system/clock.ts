import type { Clock } from '../../ports/clock.ts'

/** A timer takes at most this long (2³¹ − 1 ms); an alarm beyond it rings early, and is set again by whoever looks at the time. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  alarm(at, ring) {
    const timer = setTimeout(ring, Math.min(Math.max(0, at - Date.now()), longestTimerMs))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
