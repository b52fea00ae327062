import { describe, expect, it } from 'vitest'
import { commit, planned, Run, tip } from '../../../../test/support/run.ts'
import type { RunPhase } from '../../../core/model/run.ts'
import type { State } from '../../../core/model/state.ts'
import { newLine } from '../../../core/model/line.ts'
import { viewRun } from './run.ts'

const ending = { since: 0, report: 'r', tries: 0, until: 0, reason: null } as const
const needs = (state: State, phase: RunPhase): string | null =>
  viewRun({ ...state, run: { ...state.run, phase } }, null, ({ path }) => `curl ${path}`).needs

const rewrite = { since: 0, before: commit('old'), after: commit('new'), isKept: false }
const publishing: RunPhase = { name: 'publishing', ...ending, isWritten: true }
const done: RunPhase = {
  name: 'done',
  ...ending,
  isWritten: true,
  isStopped: true,
  isAccepted: true,
}

describe('a run that waits for its origin', () => {
  const { state } = new Run({ budget: { perRun: { tokens: 0 } } }).planned([planned('a')])

  it('names the way to end it, also when the budget is used up', () => {
    expect(needs(state, publishing)).toContain('curl /api/v1/run/accept')
  })

  it('names the rewritten origin beside that', () => {
    const lines = state.lines.with({ ...newLine(tip(), 0), rewrite })
    const text = needs({ ...state, lines }, publishing)
    expect(text).toContain('curl /api/v1/run/accept')
    expect(text).toContain('was rewritten')
    expect(needs({ ...state, lines }, done)).toBeNull()
  })
})
