import { describe, expect, it } from 'vitest'
import { noHandoffs } from '../../../test/support/status.ts'
import type { Status } from '../runner/status.ts'
import { needsIn } from './needs.ts'

const instance = { until: null, launch: 1, task: null, credential: null, needs: null }
const status = (phase: Status['run']['phase'], rest: Partial<Status> = {}): Status => ({
  run: { id: 'r', phase, reason: null, needs: null },
  lines: [],
  instances: [{ ...instance, id: 'worker-1', phase: phase === 'done' ? 'stopped' : 'working' }],
  tasks: [],
  credentials: [],
  handoffs: noHandoffs,
  terminals: { socket: 's' },
  ...rest,
})

describe('what needs a human', () => {
  it('is nothing when all went well', () => {
    expect(needsIn(status('done'))).toEqual([])
    expect(needsIn(status('executing'))).toEqual([])
  })

  it('is a run that failed and a credential that is refused, however the run ended', () => {
    const credentials: Status['credentials'] = [
      { id: 'key-1', phase: 'rejected', needs: 'a valid credential' },
    ]
    expect(needsIn(status('failed'))).toEqual(['the run'])
    expect(needsIn(status('done', { credentials }))).toEqual(['key-1'])
  })

  it('is an instance out of service only while the run has not ended', () => {
    const instances: Status['instances'] = [
      { ...instance, id: 'worker-1', phase: 'quarantined', needs: 'mend the cause' },
    ]
    expect(needsIn(status('executing', { instances }))).toEqual(['worker-1'])
    const stopped: Status['instances'] = [
      { ...instance, id: 'worker-1', phase: 'stopped', needs: null },
    ]
    expect(needsIn(status('done', { instances: stopped }))).toEqual([])
  })

  it('is a question without an answer', () => {
    const task: Status['tasks'][number] = {
      id: 'a',
      phase: 'blocked',
      assignee: 'worker-1',
      attempts: 1,
      reason: 'which one?',
      needs: 'an answer',
    }
    expect(needsIn(status('executing', { tasks: [task] }))).toEqual(['a'])
  })
})
