import { describe, expect, it } from 'vitest'
import { upcast } from './upcast.ts'

describe('a run of the time before hosts could be allowed', () => {
  it('begins with none', () => {
    const phase = { name: 'executing', since: 1 }
    const value = { id: 'r', phase }
    const { documents } = upcast([{ kind: 'run', id: 'run', position: 0, version: 5, value }])
    expect(documents).toMatchObject([
      { kind: 'run', value },
      { kind: 'hosts', version: 2, value: { allowed: [], refused: [], uploads: [] } },
    ])
  })
})
