import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { type InstanceId, TaskId } from '../../core/model/ids.ts'
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
  const ask = async (instance: InstanceId, message: object) => {
    const headers = {
      authorization: `Bearer ${tokens.tokenOf(instance, 1)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const payload = { jsonrpc: '2.0', ...message }
    return app.inject({ method: 'POST', url: '/mcp', headers, payload })
  }
  return {
    post: async (instance: InstanceId, message: object) =>
      (await ask(instance, message)).statusCode,
    /** Calls a tool; returns the body of the reply. */
    call: async (instance: InstanceId, name: string, args: object): Promise<string> =>
      (await ask(instance, { id: 1, method: 'tools/call', params: { name, arguments: args } }))
        .body,
    taskOf: (id: string) => dispatcher.state.tasks.get(TaskId(id)),
    taskCount: () => dispatcher.state.tasks.size,
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

  it('leave control characters out of what models write', async () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .briefed(one)
    await using served = serve(run)
    const title = 'A \u0000title\u001b[31m \ud800'
    const task = { id: 'b', title, body: 'one\r\ntwo\t\u0007' }
    await served.call(manager, 'submit_plan', { tasks: [task], complete: true })
    expect(served.taskOf('b')).toMatchObject({ title: 'A title[31m \ufffd', body: 'one\ntwo' })
    await served.call(one, 'report_progress', { note: 'half\u0000way\u0085there' })
    expect(served.taskOf('a')).toMatchObject({ progress: 'halfway\nthere' })
  })

  it('refuse a plan of ten thousand tasks with the number that is possible', async () => {
    await using served = serve(new Run().allUp())
    const tasks = Array.from({ length: 10_000 }, (_, n) => ({ id: `t-${n}`, title: 'A task' }))
    const reply = await served.call(manager, 'submit_plan', { tasks, complete: true })
    expect(reply).toContain('<=500')
    expect(reply.length).toBeLessThan(1_000)
    expect(served.taskCount()).toBe(0)
  })
  it('refuse a task that depends on thousands with the number that is possible', async () => {
    await using served = serve(new Run().allUp())
    const task = { id: 'a', title: 'A', depends_on: Array(50_000).fill('') }
    const reply = await served.call(manager, 'submit_plan', { tasks: [task], complete: true })
    expect(reply).toContain('<=500')
    expect(reply.length).toBeLessThan(1_000)
    expect(served.taskCount()).toBe(0)
  })
})
