import { describe, expect, it } from 'vitest'
import { keptReports, type Removal } from './removal.ts'

const reported = ['a1', 'b1', 'c1', 'b2'].map((commit) => ({ task: commit.charAt(0), commit }))
const nothing = { commits: [], tasks: [], redone: [] }
const kept = (removal: Partial<Removal>) =>
  keptReports(reported, { ...nothing, ...removal }).map(({ commit }) => commit)

describe('the reports that have to be at the origin', () => {
  it('are all when a person removed nothing', () => {
    expect(kept({})).toEqual(['a1', 'b1', 'c1', 'b2'])
  })

  it('lack what a person removed', () => {
    expect(kept({ commits: ['c1'] })).toEqual(['a1', 'b1', 'b2'])
  })

  it('hold the last of a task that was reported again without it', () => {
    expect(kept({ redone: ['a', 'b'] })).toEqual(['a1', 'c1', 'b2'])
  })
})
