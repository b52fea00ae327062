import { describe, expect, it } from 'vitest'
import { reasonOf } from './reason.ts'

describe('the reason of a failure', () => {
  it('names every cause in the chain', () => {
    const root = new Error('connect ENOENT')
    expect(
      reasonOf(new Error('starting failed', { cause: new Error('no engine', { cause: root }) })),
    ).toBe('starting failed: no engine: connect ENOENT')
  })

  it('repeats no message', () => {
    expect(
      reasonOf(new Error('git failed: no such branch', { cause: new Error('no such branch') })),
    ).toBe('git failed: no such branch')
  })

  it('describes a thrown value that is not an error', () => {
    expect(reasonOf('stop')).toBe('not an error: "stop"')
  })
})
