import type { Instant } from '../../src/core/model/ids.ts'
import type { Clock } from '../../src/ports/clock.ts'

export interface SteppedClock extends Clock {
  /** Goes to the next alarm and rings it; false when there is none. */
  step(): boolean
  /** Sets the clock of the day: timers that run do not notice, as those of the system do not. */
  jump(ms: number): void
}

interface Alarm {
  /** On the clock that never jumps. */
  readonly due: number
  readonly order: number
  readonly ring: () => void
  isOff: boolean
}

/** A clock that only moves by `step`. Alarms of the same moment fire in the order they were set. */
export function createSteppedClock(start: Instant = 1_000_000): SteppedClock {
  const alarms: Alarm[] = []
  let elapsed = 0
  let wall = start
  let count = 0

  return {
    now: () => wall + elapsed,
    alarm(at, ring) {
      count += 1
      const alarm: Alarm = { due: Math.max(elapsed, at - wall), order: count, ring, isOff: false }
      push(alarms, alarm)
      return {
        [Symbol.dispose]: () => {
          alarm.isOff = true
        },
      }
    },
    step() {
      for (let next = pop(alarms); next !== undefined; next = pop(alarms)) {
        if (next.isOff) continue
        elapsed = next.due
        next.ring()
        return true
      }
      return false
    },
    jump(ms) {
      wall += ms
    },
  }
}

const isBefore = (one: Alarm, other: Alarm): boolean =>
  one.due < other.due || (one.due === other.due && one.order < other.order)

// A binary heap: the earliest alarm is the first, and each comes before the two at twice its index.

function push(heap: Alarm[], alarm: Alarm): void {
  let index = heap.length
  heap.push(alarm)
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || isBefore(parent, alarm)) break
    heap[index] = parent
    index = above
  }
  heap[index] = alarm
}

function pop(heap: Alarm[]): Alarm | undefined {
  const [first] = heap
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    const left = heap[2 * index + 1]
    const right = heap[2 * index + 2]
    const isRight = left !== undefined && right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (child === undefined || isBefore(last, child)) break
    heap[index] = child
    index = 2 * index + (isRight ? 2 : 1)
  }
  heap[index] = last
  return first
}
