import { describe, expect, it } from 'vitest'
import { contestedPlace } from './contested-place.ts'

describe('a contested place', () => {
  it('is where the other side has added a line', () => {
    expect(contestedPlace('a\nb\nc\n', 'a\nb\nnew\nc\n')).toBe('b')
  })

  it('is nowhere when the other side has added nothing', () => {
    expect(contestedPlace('a\nb\nc\n', 'a\nc\n')).toBeNull()
  })

  it('is not above the first line', () => {
    expect(contestedPlace('a\n', 'new\na\n')).toBeNull()
  })
})
