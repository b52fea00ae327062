import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../test/support/run.ts'
import type { Event } from '../../core/model/event.ts'
import { TaskId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { HandoffMeter } from './handoffs.ts'

describe('the handoff meter', () => {
  const noteAround = (meter: HandoffMeter, run: Run, event: Event, act: () => void): void => {
    const before: State = run.state
    act()
    meter.note({
      before,
      after: run.state,
      entry: { sequence: 1, event, commands: [], reply: null, ignored: null },
    })
  }

  it('counts from the Stop to the confirmation of the prompt that answered it', () => {
    const meter = new HandoffMeter()
    const run = new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
    const from = run.from(one)
    noteAround(
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
    noteAround(meter, run, { type: 'prompt-confirmed', at: 640, text: '', ...from }, () =>
      run.confirmed(one),
    )
    expect(meter.figures.fresh).toEqual({ count: 1, p50Ms: 540, p95Ms: 540 })
  })

  it('does not count the time in which there was nothing to hand over', () => {
    const meter = new HandoffMeter()
    const run = new Run({ workerCount: 1 }).planned([
      planned('a'),
      planned('b', { dependsOn: [TaskId('a')] }),
    ])
    run.confirmed(one).reports(one)
    const from = run.from(one)
    noteAround(
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
    noteAround(meter, run, { type: 'prompt-confirmed', at: 90_000, text: '', ...from }, () =>
      run.confirmed(one),
    )
    expect(meter.figures.fresh.count).toBe(0)
  })
})
