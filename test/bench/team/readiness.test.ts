import { describe, expect, it } from 'vitest'
import type { EventView } from '../../../src/http/contract/event.ts'
import { eventAt } from '../../support/event-view.ts'
import { readinessOf } from './readiness.ts'

const event = (second: number, change: Partial<EventView>): EventView =>
  eventAt(second * 1_000, change)

const start = (second: number, ...instances: readonly string[]): EventView =>
  event(second, {
    actions: instances.map((instance) => ({
      type: 'start-instance',
      instance,
      launch: 1,
      credential: null,
    })),
  })
const ready = (second: number, instance: string, change: Partial<EventView> = {}): EventView =>
  event(second, { type: 'instance-ready', instance, launch: 1, ...change })

describe('how long workers take to be ready', () => {
  it('counts from the start of each, and from the first start to the last that is ready', () => {
    const events = [
      start(1, 'worker-1'),
      start(3, 'worker-2'),
      ready(5, 'worker-1'),
      ready(6, 'worker-2'),
    ]
    expect(readinessOf(events)).toEqual({ readyMs: [4_000, 3_000], allReadyMs: 5_000 })
  })

  it('leaves out the Manager, later launches, and what the server ignored', () => {
    const events = [
      start(1, 'manager', 'worker-1'),
      ready(2, 'worker-1', { ignored: 'it is of an older launch' }),
      ready(3, 'manager'),
      ready(4, 'worker-1'),
      start(10, 'worker-1'),
      ready(30, 'worker-1'),
    ]
    expect(readinessOf(events)).toEqual({ readyMs: [3_000], allReadyMs: 3_000 })
  })
})
