import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { one, planned, Run } from '../../../test/support/run.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { HandoffMeter } from '../../engine/observe/handoffs.ts'
import { answerErrors } from '../access/refusal.ts'
import { hookRoutes } from './hooks.ts'

const tokens = new LaunchTokens('secret')
const stillClock = { now: () => 9_000_000, alarm: () => ({ [Symbol.dispose]: () => undefined }) }
const stop = { stop_hook_active: false, last_assistant_message: 'bye', background_tasks: [] }
const window = { rate_limits: { five_hour: { used_percentage: 80, resets_at: 4_000_000_000 } } }

/** A worker at its task in its second launch: the first one was lost. */
const relaunched = () => {
  const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
  run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
  return run.later(60_000).allUp().confirmed(one).state
}

describe('a hook that the token of the second launch carries', () => {
  let app: FastifyInstance
  let dispatcher: Dispatcher
  beforeEach(() => {
    dispatcher = new Dispatcher(createFakeStore(), stillClock, relaunched(), () => undefined)
    app = fastify()
    answerErrors(app)
    hookRoutes(app, { dispatcher, tokens, handoffs: new HandoffMeter() })
  })
  afterEach(async () => {
    await app.close()
    dispatcher[Symbol.dispose]()
  })

  const post = (url: string, payload: object, launch: number | null) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: {
        authorization: `Bearer ${tokens.tokenOf(one, 2)}`,
        'x-sequence': '7',
        ...(launch === null ? {} : { 'x-launch': String(launch) }),
      },
    })

  it('is refused when it comes from the first launch, and changes nothing', async () => {
    const before = dispatcher.state
    const response = await post('/hooks/Stop', stop, 1)
    expect([response.statusCode, response.json()]).toMatchObject([
      409,
      { error: 'the hook is from launch 1 of worker-1, which is at launch 2' },
    ])
    expect(dispatcher.state).toBe(before)
  })

  it('counts when it comes from the second launch', async () => {
    const response = await post('/hooks/Stop', stop, 2)
    expect(response.statusCode).toBe(200)
    expect(dispatcher.state.instances.get(one)?.sequence).toBe(7)
  })

  it('is refused when it does not say from which launch it comes', async () => {
    expect((await post('/hooks/Stop', stop, null)).statusCode).toBe(400)
  })

  it('is refused as the progress of a workspace of the first launch, too', async () => {
    const before = dispatcher.state
    expect((await post('/hooks/WorkspaceProgress', {}, 1)).statusCode).toBe(409)
    expect(dispatcher.state).toBe(before)
    expect((await post('/hooks/WorkspaceProgress', {}, 2)).statusCode).toBe(200)
  })

  it('is refused as a status line of the first launch, too', async () => {
    const before = dispatcher.state
    expect((await post('/hooks/StatusLine', window, 1)).statusCode).toBe(409)
    expect(dispatcher.state).toBe(before)
    expect((await post('/hooks/StatusLine', window, 2)).statusCode).toBe(200)
    expect(dispatcher.state).not.toBe(before)
  })
})
