import { describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { Run } from '../../../test/support/run.ts'
import { Maintenance } from './maintenance.ts'

const minute = 60_000
const entry = {
  event: { at: 5, type: 'clock-ticked' },
  commands: [],
  reply: null,
  ignored: null,
} as const
const { state } = new Run()
const turn = () => new Promise((resolve) => setImmediate(resolve))

function open() {
  const clock = createSkippingClock(0)
  let isFull = false
  const kept = createFakeStore()
  const backups: number[] = []
  const store = {
    ...kept,
    backUp: async (at: number) => {
      if (isFull) throw new Error('no space left')
      backups.push(at)
      return kept.backUp(at)
    },
  }
  const problems: string[] = []
  const maintenance = new Maintenance({
    store,
    clock,
    onProblem: (what) => problems.push(what),
  })
  const change = (isUrgent = false) => {
    store.commit(state, state, [entry])
    maintenance.onChange({ isUrgent })
  }
  /** Moves the clock by `ms`, with the alarms in between. */
  const pass = async (ms: number) => {
    const end = clock.now() + ms
    clock.alarm(end, () => undefined)
    while (clock.now() < end) await turn()
  }
  return {
    clock,
    store,
    backups,
    problems,
    maintenance,
    change,
    pass,
    fill: () => (isFull = true),
    free: () => (isFull = false),
  }
}

describe('maintenance', () => {
  it('backs up after one minute, then every ten minutes, and only after a change', async () => {
    const { backups, change, pass } = open()
    await pass(60 * minute)
    change()
    change()
    await pass(30 * minute)
    change()
    await pass(9 * minute)
    change()
    await pass(60 * minute)
    expect(backups).toEqual([61 * minute, 100 * minute])
  })

  it('backs up urgent changes within seconds, several of them at once', async () => {
    const { backups, change, pass } = open()
    change()
    await pass(1_000)
    change(true)
    await pass(1_000)
    change(true)
    await pass(30 * minute)
    expect(backups).toEqual([6_000])
  })

  it('makes a last backup when it closes, if anything has changed', async () => {
    const { clock, backups, change, pass, maintenance } = open()
    change()
    await pass(2 * minute)
    await maintenance[Symbol.asyncDispose]()
    expect(backups).toEqual([minute])
    const other = open()
    other.change()
    await other.maintenance[Symbol.asyncDispose]()
    expect(other.backups).toEqual([0])
    expect(clock.now()).toBe(2 * minute)
  })

  it('reports once that backups fail, and shows the problem until one succeeds', async () => {
    const { backups, problems, change, pass, fill, free, maintenance } = open()
    fill()
    change()
    await pass(5 * minute)
    expect(problems).toEqual(['backing up the database failed'])
    expect(maintenance.backups).toEqual({
      newest: null,
      problem: { reason: 'no space left', since: minute },
    })
    free()
    await pass(2 * minute)
    expect(maintenance.backups.problem).toBeNull()
    expect(maintenance.backups.newest?.at).toBe(backups[0])
    expect(backups).toHaveLength(1)
  })

  it('trims the journal in batches before it backs up', async () => {
    const { store, change, pass, clock } = open()
    for (let count = 0; count < 51_200; count += 1) store.commit(null, state, [entry])
    change()
    let batches = 0
    let left = store.journal(0, 100_000).length
    while (store.newestBackup() === null) {
      await turn()
      const now = store.journal(0, 100_000).length
      if (now === left) continue
      expect(left - now).toBeLessThanOrEqual(500)
      left = now
      batches += 1
    }
    expect([batches, left]).toEqual([3, 50_000])
    expect(clock.now()).toBeGreaterThan(minute)
    await pass(1)
  })
})
