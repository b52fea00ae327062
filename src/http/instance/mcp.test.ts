import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { one, Run, two } from '../../../test/support/run.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import { createWorkerApi } from '../../engine/worker-api.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { mcpRoutes } from './mcp.ts'
import { toolRateLimit } from './rate-limit.ts'
import { answerErrors } from '../access/refusal.ts'

/** The tools of a team, and a function that posts messages to them. */
function serve(run: Run) {
  const tokens = new LaunchTokens('secret')
  const dispatcher = new Dispatcher(
    createFakeStore(),
    createSkippingClock(),
    run.state,
    () => undefined,
  )
  const parts = { dispatcher, workspaces: createFakeRuntime().workspaces }
  const repository = createFakeRepository({ files: {} })
  const workerApi = createWorkerApi({ ...parts, repositoryOf: () => repository })
  const app = fastify()
  answerErrors(app)
  mcpRoutes(app, { ...parts, workerApi, tokens })
  const post = async (instance: InstanceId, message: object): Promise<number> => {
    const headers = {
      authorization: `Bearer ${tokens.tokenOf(instance, 1)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    return (
      await app.inject({
        method: 'POST',
        url: '/mcp',
        headers,
        payload: { jsonrpc: '2.0', ...message },
      })
    ).statusCode
  }
  return {
    post,
    phaseOf: (instance: InstanceId) => dispatcher.state.instances.get(instance)?.phase.name,
    [Symbol.asyncDispose]: async () => {
      await app.close()
      dispatcher[Symbol.dispose]()
    },
  }
}

const list = { id: 1, method: 'tools/list', params: {} }

describe('the tools', () => {
  it('stay available to other instances, however often one instance calls them', async () => {
    await using served = serve(new Run().allUp())
    const statuses: number[] = []
    for (let time = 0; time < 2 * toolRateLimit.burst; time += 1)
      statuses.push(await served.post(one, list))
    expect(statuses.slice(0, toolRateLimit.burst)).toEqual(Array(toolRateLimit.burst).fill(200))
    expect(statuses.at(-1)).toBe(429)
    expect(await served.post(two, list)).toBe(200)
  })

  it('make an instance ready when their list has arrived, not when it was requested', async () => {
    const run = new Run()
    await using served = serve(
      run.when({ type: 'session-started', source: 'startup', ...run.from(one) }),
    )
    expect(await served.post(one, list)).toBe(200)
    expect(await served.post(one, { id: 'something else', result: {} })).toBe(202)
    expect(served.phaseOf(one)).toBe('starting')
    expect(await served.post(one, { id: 'tools-listed', result: {} })).toBe(202)
    expect(served.phaseOf(one)).toBe('ready')
  })
})
