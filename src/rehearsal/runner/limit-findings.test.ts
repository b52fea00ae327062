import { describe, expect, it } from 'vitest'
import type { RecordedRequest } from '../model/server.ts'
import type { Expected } from '../scenarios/limit-scenarios.ts'
import { judgeLimits, type LimitsEvidence } from './limit-findings.ts'
import type { Swap } from './swaps.ts'

const swap: Swap = {
  instance: 'worker-1',
  from: 'key-2',
  to: 'key-5',
  reason: 'quota',
  signalMs: 5,
  resumedMs: 1_300,
  restarted: false,
  sameConversation: true,
}

const failed = {
  sequence: 1,
  event: { type: 'turn-failed', at: 110, instance: 'worker-1', trouble: { kind: 'quota' } },
  commands: [],
}

const evidence: LimitsEvidence = {
  journal: [failed],
  requests: [],
  swaps: [swap],
  parkedMs: 0,
  blow: { credential: 'rehearsal-2', from: 100, until: 9_000 },
}

const expected: Expected = { trouble: 'quota', swaps: [1, 1], isLeftAlone: true, withinMs: 3_000 }

const request = (at: number): RecordedRequest => ({
  credential: 'rehearsal-2',
  role: 'worker',
  prompt: 'p1',
  complaint: null,
  answered: 'limit',
  at,
  results: [],
})

const problems = (change: Partial<LimitsEvidence>, wanted: Expected = expected) =>
  judgeLimits(wanted, { ...evidence, ...change }).flatMap(({ problem }) =>
    problem === null ? [] : [problem],
  )

describe('the verdict on limits', () => {
  it('has nothing to say against a change in place', () => {
    expect(problems({ requests: [request(100), request(9_500)] })).toEqual([])
  })

  it.each([
    [
      'trouble that was taken for another',
      { journal: [{ ...failed, event: { ...failed.event, trouble: { kind: 'throttled' } } }] },
      'throttled',
    ],
    ['no change', { swaps: [] }, '0 times'],
    [
      'a change too many',
      { swaps: [swap, { ...swap, from: 'key-5', to: 'key-2' }] },
      '2 times: worker-1 from key-2 to key-5 (quota)',
    ],
    ['a restart', { swaps: [{ ...swap, restarted: true }] }, 'worker-1 from key-2'],
    [
      'a lost conversation',
      { swaps: [{ ...swap, sameConversation: false }] },
      'worker-1 from key-2',
    ],
    ['a slow change', { swaps: [{ ...swap, resumedMs: 3_100 }] }, '3100 ms'],
    ['a change without a success', { swaps: [{ ...swap, resumedMs: null }] }, 'nothing succeeded'],
    [
      'a used-up credential that is tried again',
      { requests: [request(500)] },
      'key-2 was tried 1 more times',
    ],
    ['a misfortune that never happened', { blow: null }, 'nobody was refused'],
  ] satisfies [string, Partial<LimitsEvidence>, string][])('names %s', (_, change, words) => {
    expect(problems(change).join('\n')).toContain(words)
  })

  it('wants somebody to have waited when everything was used up', () => {
    expect(problems({}, { swaps: [0, 9], isParked: true })).toEqual(['nobody waited'])
    expect(problems({ parkedMs: 20_000 }, { swaps: [0, 9], isParked: true })).toEqual([])
  })

  it('wants no failed turn where nobody was to notice', () => {
    expect(problems({}, { swaps: [1, 1], isUnnoticed: true })).toEqual(['worker-1: quota'])
  })
})
