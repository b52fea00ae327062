import { describe, expect, it } from 'vitest'
import { upcast } from './upcast.ts'

const runOf = (phase: object, askedForMore: boolean, planIsComplete: boolean) => {
  const syncs = { lists: null, publish: null, upstream: null }
  const value = { id: 'r', phase, askedForMore, planIsComplete, head: 'h', ...syncs }
  return upcast([{ kind: 'run', id: 'run', position: 0, version: 3, value }]).documents[0]?.value
}

describe('a run of the time before lines', () => {
  it('counts its request for more tasks in the phase', () => {
    const phase = { name: 'executing', since: 5, askedToFinish: 1 }
    expect(runOf(phase, true, false)).toEqual({
      id: 'r',
      phase: { ...phase, askedForMore: { times: 1, since: 0 } },
      planCompletedBy: null,
      notices: [],
    })
    expect(runOf(phase, false, true)).toEqual({
      id: 'r',
      phase: { ...phase, askedForMore: { times: 0, since: 0 } },
      planCompletedBy: 'manager',
      notices: [],
    })
  })

  it('has no requests in another phase', () => {
    const phase = { name: 'planning', since: 5, asked: 1 }
    expect(runOf(phase, false, false)).toEqual({
      id: 'r',
      phase,
      planCompletedBy: null,
      notices: [],
    })
  })
})
