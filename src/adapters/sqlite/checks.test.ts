import { describe, expect, it } from 'vitest'
import { upcast } from './upcast.ts'

const upcastOne = (kind: string, version: number, value: object) =>
  upcast([{ kind, id: 'x', position: 0, version, value }]).documents[0]?.value

describe('a state of the time before the checks of a branch', () => {
  it('does not know what they say of it', () => {
    expect(upcastOne('line', 1, { branch: 'main' })).toEqual({
      branch: 'main',
      checks: { name: 'current', since: 0 },
      base: null,
    })
    expect(upcastOne('policy', 1, { losses: 3 })).toMatchObject({
      losses: 3,
      checks: [],
      rounds: 3,
    })
  })

  it('counted no answers about work that was returned', () => {
    expect(upcastOne('task', 3, { id: 'a' })).toEqual({ id: 'a', rounds: 0 })
  })
})
