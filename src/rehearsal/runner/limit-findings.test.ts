import { describe, expect, it } from 'vitest'
import { eventAt, modelError } from '../../../test/support/event-view.ts'
import type { RecordedRequest } from '../model/server.ts'
import type { Expected } from '../scenarios/limit-scenarios.ts'
import { judgeLimits, type LimitsEvidence } from './limit-findings.ts'
import type { Rotation } from './rotations.ts'

const rotation: Rotation = {
  instance: 'worker-1',
  from: 'key-2',
  to: 'key-5',
  reason: 'quota',
  signalMs: 5,
  resumedMs: 1_300,
  refusedMeanwhile: 0,
  restarted: false,
  sameConversation: true,
}

const failed = eventAt(110, {
  type: 'turn-failed',
  instance: 'worker-1',
  modelError: modelError('quota'),
})

const evidence: LimitsEvidence = {
  events: [failed],
  requests: [],
  rotations: [rotation],
  parkedMs: 0,
  outage: { credential: 'rehearsal-2', from: 100, until: 9_000 },
}

const expected: Expected = {
  modelError: 'quota',
  rotations: [1, 1],
  isLeftAlone: true,
  isDirect: true,
}

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
  it('says nothing of how long a rotation takes', () => {
    expect(problems({ rotations: [{ ...rotation, signalMs: 9_000, resumedMs: 60_000 }] })).toEqual(
      [],
    )
  })

  it('has nothing to say against a rotation in place', () => {
    expect(problems({ requests: [request(100), request(9_500)] })).toEqual([])
  })

  it.each([
    [
      'a model error that was classified as another',
      { events: [{ ...failed, modelError: modelError('throttled') }] },
      'throttled',
    ],
    ['no rotation', { rotations: [] }, '0 times'],
    [
      'a rotation too many',
      { rotations: [rotation, { ...rotation, from: 'key-5', to: 'key-2' }] },
      '2 times: worker-1 from key-2 to key-5 (quota)',
    ],
    ['a restart', { rotations: [{ ...rotation, restarted: true }] }, 'worker-1 from key-2'],
    [
      'a lost conversation',
      { rotations: [{ ...rotation, sameConversation: false }] },
      'worker-1 from key-2',
    ],
    [
      'a rotation whose first request is refused',
      { rotations: [{ ...rotation, refusedMeanwhile: 2 }] },
      '2 more requests were refused',
    ],
    [
      'a turn that failed once more',
      { events: [failed, failed] },
      'worker-1: quota; worker-1: quota',
    ],
    [
      'a rotation without a success',
      { rotations: [{ ...rotation, resumedMs: null }] },
      'nothing succeeded',
    ],
    [
      'a used-up credential that is tried again',
      { requests: [request(500)] },
      'key-2 was tried 1 more times',
    ],
    ['a faultPlan that never happened', { outage: null }, 'no request was refused'],
  ] satisfies [string, Partial<LimitsEvidence>, string][])('names %s', (_, change, words) => {
    expect(problems(change).join('\n')).toContain(words)
  })

  it('wants an instance to have waited when every credential was used up', () => {
    expect(problems({}, { rotations: [0, 9], isParked: true })).toEqual(['no instance waited'])
    expect(problems({ parkedMs: 20_000 }, { rotations: [0, 9], isParked: true })).toEqual([])
  })

  it('wants no failed turn where the rotation is to go unnoticed', () => {
    expect(problems({}, { rotations: [1, 1], isUnnoticed: true })).toEqual(['worker-1: quota'])
  })
})
