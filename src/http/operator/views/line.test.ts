import { describe, expect, it } from 'vitest'
import { commit, line, one, planned, Run, tip } from '../../../../test/support/run.ts'
import { newLine } from '../../../core/model/line.ts'
import { viewLine } from './line.ts'

const atWork = () =>
  new Run({ workerCount: 1 })
    .planned([planned('a'), planned('b')])
    .confirmed(one)
    .when({ type: 'upstream-merged', line, head: commit('theirs') })
const refused = (run: Run, reason: string) =>
  run.when({ type: 'publish-refused', line, reason, isBehind: false })
const viewed = (run: Run) => viewLine(run.state.lines.get(line) ?? newLine(tip(), 0), []).publish

const holds = [
  ['a conflict', { type: 'upstream-conflicted', line, commit: commit('new'), paths: ['a.js'] }],
  [
    'a rewritten origin',
    { type: 'upstream-rewritten', line, before: commit('old'), after: commit('new') },
  ],
] as const

describe.each(holds)('a push that %s holds', (_, hold) => {
  it('shows why it failed meanwhile', () => {
    const run = refused(atWork().when(hold), 'no access')
    expect(viewed(run)).toEqual({ phase: 'owed', reason: 'no access', tries: 1 })
  })

  it('shows why it failed before, and how often, also when there is more to push', () => {
    const run = refused(refused(atWork(), 'no access').later(60_000), 'still no access')
    const known = { reason: 'still no access', tries: 2 }
    expect(viewed(run)).toEqual({ phase: 'failed', ...known })
    run.when(hold).when({ type: 'lists-committed', line, head: commit('more') })
    expect(viewed(run)).toMatchObject(known)
    run.later(60_000)
    expect(viewed(run)).toEqual({ phase: 'owed', ...known })
  })
})

it('a push that was never tried has no reason', () => {
  const state = { ...newLine(tip(), 0), publish: { name: 'outdated', failure: null } as const }
  expect(viewLine(state, []).publish).toEqual({ phase: 'owed', reason: null, tries: 0 })
})
