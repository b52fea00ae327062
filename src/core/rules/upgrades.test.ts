import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import type { InstanceId } from '../model/ids.ts'
import { drift } from './drift.ts'

const reason = 'it was started with another image'
const outdated = (run: Run, instance: InstanceId, isUsable = true) =>
  run.when({ type: 'instance-outdated', reason, isUsable, ...run.from(instance) })
const working = () =>
  new Run({ workerCount: 1 }).planned([planned('a'), planned('b')]).confirmed(one)

describe('an instance that runs on an older image or older tools', () => {
  it('is not disturbed in its turn, and is replaced between two tasks', () => {
    const run = outdated(working(), one)
    expect(run.instance(one)).toMatchObject({ phase: { name: 'working' }, outdated: reason })
    run.reports(one).stops(one)
    expect(run.instance(one)).toMatchObject({
      phase: { name: 'backing-off', reason: `it is replaced: ${reason}` },
      failures: [],
    })
    run.later(1_000).comesUp(one, 'resume')
    expect(run.instance(one)).toMatchObject({ launch: 2, outdated: null, task: 'b' })
  })

  it('is replaced at once when it is idle', () => {
    const run = outdated(working(), manager)
    expect(run.instance(manager)).toMatchObject({ phase: { name: 'backing-off' }, failures: [] })
  })

  it('is replaced at once with its work saved when the server cannot work with its tools', () => {
    const run = outdated(working(), one, false)
    expect(run.instance(one)).toMatchObject({ phase: { name: 'backing-off' }, failures: [] })
    expect(run.asked('save-work')).toHaveLength(1)
    expect(run.task('a').attempts).toMatchObject([{ outcome: 'running' }])
  })
})

describe('a pass over the running instances', () => {
  const seen = (run: Run) => {
    const all = [...run.state.instances.values()]
    return {
      running: new Map(all.map(({ id, launch }) => [id, launch])),
      outdated: new Map([[one, { reason, isUsable: true }]]),
      statuses: new Map(),
    }
  }

  it('reports an outdated one once', () => {
    const run = working()
    const found = drift(run.state, seen(run), run.at)
    expect(found).toMatchObject([{ type: 'instance-outdated', instance: one, reason }])
    expect(drift(outdated(run, one).state, seen(run), run.at)).toEqual([])
  })
})
