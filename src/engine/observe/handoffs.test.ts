import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../test/support/run.ts'
import type { Event } from '../../core/model/event.ts'
import { TaskId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { HandoffMeter } from './handoffs.ts'

describe('the handoff meter', () => {
  const observe = (meter: HandoffMeter, run: Run, event: Event, act: () => void): void => {
    const before: State = run.state
    act()
    meter.onChange({
      before,
      after: run.state,
      entry: { sequence: 1, event, commands: [], reply: null, ignored: null },
    })
  }

  it('measures from the Stop hook to the confirmation of the next prompt', () => {
    const meter = new HandoffMeter()
    const run = new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
    const from = run.from(one)
    observe(
      meter,
      run,
      {
        type: 'turn-ended',
        at: 100,
        backgroundTasks: 0,
        lastMessage: '',
        isAnswerable: true,
        ...from,
      },
      () => run.stops(one),
    )
    observe(meter, run, { type: 'prompt-confirmed', at: 640, text: '', ...from }, () =>
      run.confirmed(one),
    )
    expect(meter.figures.fresh).toEqual({ count: 1, p50Ms: 540, p95Ms: 540 })
  })

  it('does not measure the time in which there was no task', () => {
    const meter = new HandoffMeter()
    const run = new Run({ workerCount: 1 }).planned([
      planned('a'),
      planned('b', { dependsOn: [TaskId('a')] }),
    ])
    run.confirmed(one).reports(one)
    const from = run.from(one)
    observe(
      meter,
      run,
      {
        type: 'turn-ended',
        at: 100,
        backgroundTasks: 0,
        lastMessage: '',
        isAnswerable: true,
        ...from,
      },
      () => run.stops(one),
    )
    run.lands()
    observe(meter, run, { type: 'prompt-confirmed', at: 90_000, text: '', ...from }, () =>
      run.confirmed(one),
    )
    expect(meter.figures.fresh.count).toBe(0)
  })
})
