import { describe, expect, it } from 'vitest'
import { parseStat, type ProcessTimes, timesOf, treeTicks } from './process-times.ts'

describe('a line of /proc/<pid>/stat', () => {
  const rest = (state: string) =>
    `${state} 7 1 1 0 -1 4194304 100 200 0 0 30 12 5 6 20 0 1 0 4711 1000 10 0 0`

  it('is read behind a name with spaces and parentheses', () => {
    expect(parseStat(`42 (tmux: (server) 1) ${rest('S')}`)).toEqual({
      pid: 42,
      parent: 7,
      began: 4711,
      own: 42,
      ofEnded: 11,
    })
  })

  it('that was cut short is none', () => {
    expect(parseStat('42 (node) S 7 1')).toBeNull()
    expect(parseStat('')).toBeNull()
  })

  it('is there for this process', () => {
    expect(timesOf(process.pid)?.parent).toBe(process.ppid)
  })
})

describe('the processor time of a tree', () => {
  const of = (pid: number, parent: number, own: number, ofEnded = 0): ProcessTimes => ({
    ...{ pid, parent, own, ofEnded },
    began: 0,
  })
  const processes = [of(1, 0, 1_000), of(10, 1, 5, 2), of(11, 10, 3), of(12, 11, 4), of(20, 1, 8)]

  it('has all that a root started, living and ended', () => {
    expect([...treeTicks(processes, new Set([10]))]).toEqual([[10, 14]])
  })

  it('counts a root below another one once', () => {
    expect([...treeTicks(processes, new Set([10, 11]))]).toEqual([
      [10, 7],
      [11, 7],
    ])
  })

  it('has nothing of a root that is gone', () => {
    expect([...treeTicks(processes, new Set([99]))]).toEqual([])
  })
})
