import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createFakeTerminals } from '../../../test/fakes/terminals.ts'
import { createSteppedClock } from '../../../test/fakes/stepped-clock.ts'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { anOrder } from '../../../test/support/runtime-stage.ts'
import { Dispatcher, type DispatcherOptions } from '../dispatch/dispatcher.ts'
import { Reconciler } from './reconciler.ts'
import { AgentStatusTracker } from './agent-status.ts'

/** A worker in the middle of its turn, and its Manager, both running. */
async function open(options: DispatcherOptions = {}, terminals = createFakeTerminals()) {
  const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
  const clock = createSteppedClock(run.at)
  const runtime = createFakeRuntime()
  for (const instance of [manager, one])
    await runtime.instances.ensureRunning(anOrder({ instance }))
  const store = createFakeStore()
  const dispatcher = new Dispatcher(store, clock, run.state, () => undefined, options)
  const agentStatus = new AgentStatusTracker(clock)
  const problems: string[] = []
  const onProblem = (what: string): void => void problems.push(what)
  const reconciler = new Reconciler({
    dispatcher,
    ...runtime,
    terminals,
    agentStatus,
    clock,
    onProblem,
  })
  await reconciler.begin()
  const stepUntil = async (isDone: () => boolean): Promise<void> => {
    while (!isDone() && clock.step()) for (let turns = 0; turns < 20; turns += 1) await turn()
  }
  const decided = () => store.journal(0, 100).map(({ event }) => event.type)
  return {
    clock,
    runtime,
    dispatcher,
    decided,
    reconciler,
    problems,
    stepUntil,
    begunAt: clock.now(),
  }
}

describe('a reconciler', () => {
  it.each([1_000, 3_000, 9_000])(
    'notices within 10 s that a turn ended without a hook, %i ms after its last pass',
    async (afterMs) => {
      const { clock, runtime, dispatcher, reconciler, stepUntil, begunAt } = await open()
      runtime.say(one, 'busy')
      await using _closing = reconciler
      using _alarm = clock.alarm(begunAt + afterMs, () => runtime.say(one, 'idle'))
      await stepUntil(() => clock.now() >= begunAt + afterMs)
      const idleAt = clock.now()
      const isOver = (): boolean => dispatcher.state.instances.get(one)?.phase.name !== 'working'
      await stepUntil(() => isOver() || clock.now() > idleAt + 60_000)
      expect(isOver()).toBe(true)
      expect(clock.now() - idleAt).toBeLessThanOrEqual(10_000)
    },
  )

  it('judges no turn whose Stop has arrived and is not decided yet', async () => {
    const stage = await open({ soon: () => undefined })
    const { clock, runtime, dispatcher, decided, stepUntil, begunAt } = stage
    await using _closing = stage.reconciler
    runtime.say(one, 'busy')
    using _alarm = clock.alarm(begunAt + 1_000, () => runtime.say(one, 'idle'))
    await stepUntil(() => clock.now() >= begunAt + 1_000)
    const answer = dispatcher.dispatchSoon({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: 'bye',
      isAnswerable: true,
      instance: one,
      launch: 1,
    })
    await stepUntil(() => decided().length > 0 || clock.now() > begunAt + 60_000)
    expect((await answer).reply).not.toBeNull()
    expect(decided()).not.toContain('instance-idle')
  })

  it('reports why and since when the runtime is unreachable, until it answers', async () => {
    const { clock, runtime, reconciler, problems, stepUntil, begunAt } = await open()
    await using _closing = reconciler
    expect(reconciler.runtimeUnreachable).toBeNull()
    runtime.setReachable(false)
    await stepUntil(() => clock.now() >= begunAt + 12_000)
    const since = reconciler.runtimeUnreachable?.since ?? 0
    expect(since - begunAt).toBeLessThanOrEqual(10_000)
    expect(reconciler.runtimeUnreachable).toEqual({ reason: 'no engine answers', since })
    await stepUntil(() => clock.now() >= begunAt + 32_000)
    expect(reconciler.runtimeUnreachable?.since).toBe(since)
    expect(problems.length).toBeGreaterThan(0)
    runtime.setReachable(true)
    await stepUntil(() => clock.now() >= begunAt + 42_000)
    expect(reconciler.runtimeUnreachable).toBeNull()
  })

  it('notices a death while terminals hang', async () => {
    const hung = Promise.withResolvers<never>()
    const terminals = { ...createFakeTerminals(), ensureOpen: () => hung.promise }
    const stage = await open({}, terminals)
    const { clock, runtime, decided, problems, reconciler, stepUntil, begunAt } = stage
    runtime.die(one, 'died unnoticed', { isNoticed: false })
    await stepUntil(() => decided().includes('instance-lost') || clock.now() > begunAt + 60_000)
    expect(decided()).toContain('instance-lost')
    expect(clock.now() - begunAt).toBeLessThanOrEqual(10_000)
    hung.reject(new Error('killed'))
    await reconciler[Symbol.asyncDispose]()
    expect(problems).toEqual(['opening a terminal failed'])
  })

  it('counts no failure for an instance that died during a runtime outage', async () => {
    const { clock, runtime, dispatcher, reconciler, stepUntil, begunAt } = await open()
    await using _closing = reconciler
    runtime.setReachable(false)
    await stepUntil(() => clock.now() >= begunAt + 12_000)
    runtime.die(one, 'died during the outage', { isNoticed: false })
    runtime.setReachable(true)
    await stepUntil(() => dispatcher.state.instances.get(one)?.phase.name !== 'working')
    expect(dispatcher.state.instances.get(one)).toMatchObject({
      phase: { name: 'backing-off' },
      failures: [],
    })
  })
})
