import type { Clock } from '../../src/ports/clock.ts'

export const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))
