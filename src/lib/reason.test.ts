import { describe, expect, it } from 'vitest'
import { reasonOf } from './reason.ts'

describe('the reason of a failure', () => {
  it('names every cause on the way down', () => {
    const root = new Error('connect ENOENT')
    expect(
      reasonOf(new Error('starting failed', { cause: new Error('no engine', { cause: root }) })),
    ).toBe('starting failed: no engine: connect ENOENT')
  })

  it('says nothing twice', () => {
    expect(
      reasonOf(new Error('git failed: no such branch', { cause: new Error('no such branch') })),
    ).toBe('git failed: no such branch')
  })

  it('can be told of what was thrown and is no error', () => {
    expect(reasonOf('stop')).toBe('something that is no error: "stop"')
  })
})
