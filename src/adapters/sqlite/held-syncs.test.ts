import { expect, it } from 'vitest'
import { upcast } from './upcast.ts'

it('a line of the time before held syncs knew their failure has none', () => {
  const failed = { name: 'failed', since: 1, reason: 'r', tries: 2, until: 3 }
  const value = {
    lists: { name: 'current', since: 1 },
    publish: { name: 'outdated' },
    upstream: failed,
  }
  const old = { kind: 'line', id: 'main', position: 0, version: 2, value }
  expect(upcast([old])).toMatchObject({
    isOld: true,
    documents: [{ version: 3, value: { ...value, publish: { name: 'outdated', failure: null } } }],
  })
})
