import { describe, expect, it } from 'vitest'
import { upcast } from './upcast.ts'

const lineOf = (rewrite: object | null) => {
  const value = { id: 'main', head: 'h', rewrite }
  return upcast([{ kind: 'line', id: 'main', position: 0, version: 1, value }]).documents[0]?.value
}

describe('a line of the time when a rewrite could only be kept', () => {
  it('has the answer of the person, or none', () => {
    const rewrite = { since: 5, before: 'b', after: 'a' }
    expect(lineOf({ ...rewrite, isKept: true })).toMatchObject({
      id: 'main',
      head: 'h',
      rewrite: { ...rewrite, verdict: 'keep' },
    })
    expect(lineOf({ ...rewrite, isKept: false })).toMatchObject({ rewrite: { verdict: null } })
    expect(lineOf(null)).toMatchObject({ rewrite: null })
  })
})
