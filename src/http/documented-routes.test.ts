import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createFakeVault } from '../../test/fakes/vault.ts'
import { Stage } from '../../test/scenarios/stage.ts'
import { openSurface } from '../../test/support/surface.ts'
import { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import { createModelGateway } from '../server/model-gateway.ts'

const document = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')

/** As `GET /tasks/*`: parameters have a name of their own in code and document. */
const plain = (route: string): string => route.replaceAll(/:\w+|<\w+>/g, '*')

describe('docs/http.md', () => {
  it('has every route of the server, and no other', async () => {
    const stage = await Stage.open({ plan: [] })
    const { dispatcher } = stage
    const tokens = new LaunchTokens('secret')
    const gateway = createModelGateway(dispatcher, tokens, createFakeVault([]), {
      now: Date.now,
      isAllowed: () => true,
    })
    const { app, registered } = openSurface(stage, { gateway })
    await app.ready()
    await app.close()
    const documented = [...document.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`]*)`/g)]
    // HEAD is answered wherever GET is; `/gateway/*` refuses what the gateway does not pass on.
    const served = registered.filter((route) => !/^HEAD |\/gateway\/\*$/.test(route))
    expect(documented.map(([, route = '']) => plain(route)).toSorted()).toEqual(
      served.map(plain).toSorted(),
    )
  })
})
