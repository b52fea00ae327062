import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { drift, type Observation } from './drift.ts'

describe('drift', () => {
  const working = () => new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
  const running = new Map([
    [manager, 1],
    [one, 1],
  ])
  const see = (run: Run, change: Partial<Observation>, laterMs = 0) =>
    drift(run.state, { running, statuses: new Map(), ...change }, run.at + laterMs).map(
      ({ type, ...rest }) => ({
        type,
        ...('instance' in rest ? { instance: rest.instance } : {}),
      }),
    )

  it('finds nothing when the world matches the state', () => {
    expect(see(working(), {})).toEqual([])
  })

  it('finds an instance that is gone, or that runs another launch', () => {
    expect(see(working(), { running: new Map([[manager, 1]]) })).toEqual([
      { type: 'instance-lost', instance: one },
    ])
    expect(see(working(), { running: new Map([...running, [one, 2]]) })).toEqual([
      { type: 'instance-lost', instance: one },
    ])
  })

  it('blames the engine if all are gone or it was unreachable, else the instance', () => {
    const blames = (gone: Observation['running'], wasBlind = false) =>
      drift(
        working().state,
        { running: gone, wasUnreachable: wasBlind, statuses: new Map() },
        0,
      ).map((event) => ('blame' in event ? event.blame : null))
    expect(blames(new Map())).toEqual(['engine', 'engine'])
    expect(blames(new Map([[manager, 1]]))).toEqual([null])
    expect(blames(new Map([[manager, 1]]), true)).toEqual(['engine'])
  })

  it('ignores instances that are starting or should not run', () => {
    expect(see(new Run(), { running: new Map() })).toEqual([])
    expect(see(working(), { running: new Map([...running, [two, 1]]) })).toEqual([])
  })

  it('finds a turn that ended without a hook, but leaves the Stop hook time to arrive', () => {
    const run = working()
    const said = new Map([[one, { status: 'idle' as const, since: run.at + 1_000 }]])
    expect(see(run, { statuses: said }, 5_000)).toEqual([])
    expect(see(run, { statuses: said }, 9_000)).toEqual([{ type: 'instance-idle', instance: one }])
  })

  it('does not mistake idleness before a turn for its end', () => {
    const run = working()
    const said = new Map([[one, { status: 'idle' as const, since: run.at - 1_000 }]])
    expect(see(run, { statuses: said }, 60_000)).toEqual([])
  })

  it('finds a dialog that waits for a human in the middle of a turn', () => {
    const run = working()
    const said = new Map([[one, { status: 'waiting' as const, since: run.at }]])
    expect(see(run, { statuses: said })).toEqual([{ type: 'instance-waiting', instance: one }])
  })
})
