import { describe, expect, it } from 'vitest'
import { upcast } from './upcast.ts'

describe('merges of the time before protected paths', () => {
  it('have no approval, and wait for their branch if they were held', () => {
    const value = [
      { task: 'a', phase: { name: 'held', since: 1, reason: 'red', position: 2 } },
      { task: 'b', phase: { name: 'queued', since: 1 } },
    ]
    const old = { kind: 'merges', id: 'merges', position: 0, version: 2, value }
    expect(upcast([old]).documents).toMatchObject([
      {
        version: 3,
        value: [
          {
            task: 'a',
            phase: {
              name: 'held',
              since: 1,
              reason: 'red',
              waitsFor: { kind: 'branch', position: 2 },
            },
            approved: null,
          },
          { task: 'b', phase: { name: 'queued', since: 1 }, approved: null },
        ],
      },
    ])
  })
})
