import { describe, expect, it } from 'vitest'
import { approvalRequests } from './approval.ts'

const upcastRun = (phase: object) =>
  approvalRequests({ kind: 'run', id: 'run', position: 0, version: 4, value: { id: 'r', phase } })

describe('a run of the time before requests were counted across plans', () => {
  it('counts them from its plan on', () => {
    const phase = { name: 'awaiting-approval', since: 1 }
    expect(upcastRun(phase)).toMatchObject([
      { version: 5, value: { id: 'r', phase: { ...phase, asked: 0 } } },
    ])
    expect(upcastRun({ name: 'executing', since: 1 })).toMatchObject([
      { value: { phase: { name: 'executing', since: 1 } } },
    ])
  })
})
