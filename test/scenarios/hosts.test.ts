import { expect, it } from 'vitest'
import { type AllowedHost, permissionFor } from '../../src/egress/allow-list.ts'
import { readAllowed, readHost } from '../../src/server/egress.ts'
import { one } from '../support/run.ts'
import { carryOut } from '../support/printed-curl.ts'
import { statusOf } from '../support/surface.ts'
import { Stage } from './stage.ts'

it('a name that leads to a private address is allowed by the line that /status shows', async () => {
  const stage = await Stage.open({ plan: [] })
  const host = 'npm.corp:4873 in 10.0.0.5'
  // What a server before the notation stored.
  stage.dispatcher.dispatch({ type: 'host-allowed', host: 'npm.corp:4873' })
  stage.dispatcher.dispatch({ type: 'host-refused', instance: one, host })
  const [refused] = statusOf(stage).hosts.refused
  expect(refused).toMatchObject({ host, by: one, leadsTo: '10.0.0.5' })
  expect(await carryOut(stage, refused?.allow ?? '')).toBe(200)
  expect(statusOf(stage).hosts.refused).toEqual([])
  const allow: readonly AllowedHost[] = readAllowed(stage.dispatcher.state.hosts.allowed)
  const target = { host: 'npm.corp', port: 4873, isAddress: false }
  expect(permissionFor(target, { mode: 'sealed', allow })).toMatchObject({
    kind: 'granted',
    leadsTo: ['public', { address: '10.0.0.5', prefix: 32 }],
  })
  expect(readHost(host)).toEqual({ ok: true, entry: host })
})
