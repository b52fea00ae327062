import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../test/fakes/runtime.ts'
import { createFakeStore } from '../../test/fakes/store.ts'
import { createSkippingClock } from '../../test/fakes/skipping-clock.ts'
import { one, Run, two } from '../../test/support/run.ts'
import type { InstanceId } from '../core/ids.ts'
import { Desk } from '../engine/desk.ts'
import { Dispatcher } from '../engine/dispatcher.ts'
import { LaunchTokens } from '../engine/tokens.ts'
import { mcpRoutes } from './mcp.ts'
import { toolPace } from './pace.ts'
import { answerErrors } from './refusal.ts'

describe('the tools', () => {
  it('are kept by no instance from the others, however often it calls them', async () => {
    const tokens = new LaunchTokens('secret')
    using dispatcher = new Dispatcher(createFakeStore(), createSkippingClock(), new Run().allUp().state, () => undefined)
    const parts = { dispatcher, runtime: createFakeRuntime(), targetBranch: 'main' }
    const desk = new Desk({ ...parts, repository: createFakeRepository({ files: {} }) })
    await using app = fastify()
    answerErrors(app)
    mcpRoutes(app, { ...parts, desk, tokens })
    const call = async (instance: InstanceId): Promise<number> => {
      const headers = {
        authorization: `Bearer ${tokens.tokenOf(instance, 1)}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      }
      const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
      return (await app.inject({ method: 'POST', url: '/mcp', headers, payload })).statusCode
    }
    const statuses: number[] = []
    for (let time = 0; time < 2 * toolPace.burst; time += 1) statuses.push(await call(one))
    expect(statuses.slice(0, toolPace.burst)).toEqual(Array(toolPace.burst).fill(200))
    expect(statuses.at(-1)).toBe(429)
    expect(await call(two)).toBe(200)
  })
})
