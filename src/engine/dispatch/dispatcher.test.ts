import { describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { tip } from '../../../test/support/run.ts'
import { CredentialId, type InstanceId, RunId } from '../../core/model/ids.ts'
import { initialState } from '../../core/model/initial-state.ts'
import { defaultPolicy } from '../../core/model/policy.ts'
import { createRedact } from '../../lib/redact.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import { Dispatcher, type NewEvent } from './dispatcher.ts'

const policy = { ...defaultPolicy, workerCount: 1 }
const started: NewEvent = {
  type: 'server-started',
  policy,
  lines: [tip()],
  credentials: ['a', 'b'].map((id) => ({ id: CredentialId(id), kind: 'api-key' })),
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function open({ failures = 0, secret = 'none-of-this' } = {}) {
  const clock = createSkippingClock()
  const kept = createFakeStore()
  let left = failures
  const failWhileLeft = () => {
    if (left-- > 0)
      throw new Unavailable('the database cannot be written', { cause: new Error('disk full') })
  }
  const store = {
    ...kept,
    commit: (...args: Parameters<typeof kept.commit>) => {
      failWhileLeft()
      return kept.commit(...args)
    },
    probe: () => {
      failWhileLeft()
      kept.probe()
    },
  }
  const initial = initialState(RunId('r'), policy, [tip()], clock.now())
  const executed: string[] = []
  const dispatcher = new Dispatcher(
    store,
    clock,
    initial,
    (commands) => executed.push(...commands.map(({ type }) => type)),
    { redact: createRedact(() => [secret]), soon: queueMicrotask },
  )
  return { dispatcher, store, executed, clock, fail: (times: number) => (left = times) }
}

describe('a dispatcher', () => {
  it('executes nothing that it could not commit', () => {
    const { dispatcher, executed } = open({ failures: 1 })
    expect(() => dispatcher.dispatch(started)).toThrow('the database cannot be written')
    expect(executed).toEqual([])
    expect(dispatcher.state.instances.size).toBe(0)
    dispatcher[Symbol.dispose]()
  })

  it('decides an enqueued event as soon as it can write', async () => {
    const { dispatcher, executed, clock } = open({ failures: 3 })
    const since = clock.now()
    expect(dispatcher.enqueue(started)).toBe(false)
    expect(dispatcher.writeOutage).toEqual({
      reason: 'the database cannot be written: disk full',
      since,
    })
    while (dispatcher.writeOutage !== null) await turn()
    expect(executed).toContain('start-instance')
    expect(dispatcher.enqueue({ type: 'command-failed', command: 'one', reason: 'x' })).toBe(true)
    dispatcher[Symbol.dispose]()
    expect(dispatcher.enqueue({ type: 'command-failed', command: 'two', reason: 'x' })).toBe(false)
  })

  it('decides waiting events in order, before any newer one', async () => {
    const { dispatcher, store } = open({ failures: 3 })
    dispatcher.enqueue(started)
    dispatcher.enqueue({ type: 'command-failed', command: 'first', reason: 'x' })
    expect(() =>
      dispatcher.dispatch({ type: 'command-failed', command: 'second', reason: 'x' }),
    ).toThrow(Unavailable)
    expect(dispatcher.waiting).toBe(2)
    dispatcher.dispatch({ type: 'command-failed', command: 'third', reason: 'x' })
    const decided = store
      .journal(0, 10)
      .map(({ event }) => ('command' in event ? event.command : event.type))
    expect(decided).toEqual(['server-started', 'first', 'third'])
    dispatcher[Symbol.dispose]()
  })

  it('finds out without another event that it can write again, and journals nothing', async () => {
    const { dispatcher, store, fail } = open()
    const outages: boolean[] = []
    dispatcher.watchWriteOutage((outage) => outages.push(outage !== null))
    dispatcher.dispatch(started)
    const stored = store.load()
    fail(4)
    dispatcher.dispatchBestEffort({ type: 'credentials-changed', credentials: [], changed: [] })
    expect(dispatcher.waiting).toBe(0)
    expect(dispatcher.writeOutage?.reason).toBe('the database cannot be written: disk full')
    while (dispatcher.writeOutage !== null) await turn()
    expect(outages).toEqual([true, false])
    expect(store.journal(1, 1)).toEqual([])
    expect(store.load()).toEqual(stored)
    dispatcher[Symbol.dispose]()
  })

  it('does not commit a heartbeat of a working instance until something else happens', () => {
    const { dispatcher, store } = open()
    const worker = { instance: 'worker-1' as InstanceId, launch: 1 }
    dispatcher.dispatch(started)
    dispatcher.dispatch({ type: 'session-started', source: 'startup', ...worker })
    dispatcher.dispatch({ type: 'tools-listed', ...worker })
    dispatcher.dispatch({ type: 'prompt-confirmed', text: 'by hand', ...worker, sequence: 1 })
    const written = store.journal(0, 100).length
    const kept = store.load()
    for (const sequence of [2, 3, 4])
      expect(dispatcher.dispatch({ type: 'sign-of-life', ...worker, sequence }).ignored).toBeNull()
    expect(store.journal(0, 100)).toHaveLength(written)
    expect(store.load()).toEqual(kept)
    expect(dispatcher.state.instances.get(worker.instance)?.sequence).toBe(4)
    dispatcher.dispatch({
      type: 'turn-ended',
      ...worker,
      sequence: 5,
      backgroundTasks: 0,
      lastMessage: '',
      isAnswerable: false,
    })
    expect(store.load()).toEqual(dispatcher.state)
    dispatcher[Symbol.dispose]()
  })

  it('commits the first progress of a workspace, and keeps the others in memory', () => {
    const { dispatcher, store } = open()
    dispatcher.dispatch(started)
    const progressed = {
      type: 'workspace-progressed',
      instance: 'worker-1' as InstanceId,
      launch: 1,
    } as const
    dispatcher.dispatch(progressed)
    const written = store.journal(0, 100).length
    expect(store.load()).toEqual(dispatcher.state)
    for (let time = 0; time < 3; time += 1)
      expect(dispatcher.dispatch(progressed).ignored).toBeNull()
    expect(store.journal(0, 100)).toHaveLength(written)
    dispatcher[Symbol.dispose]()
  })

  it('commits the use of a usage window only when it has changed', () => {
    const { dispatcher, store } = open()
    dispatcher.dispatch(started)
    const seen = {
      type: 'window-seen',
      credential: CredentialId('a'),
      window: 'five-hour',
      usedPercent: 12,
      resetsAt: null,
    } as const
    for (const usedPercent of [12, 12, 12, 13, 13]) dispatcher.dispatch({ ...seen, usedPercent })
    expect(
      store.journal(1, 100).map(({ event }) => 'usedPercent' in event && event.usedPercent),
    ).toEqual([12, 13])
    dispatcher[Symbol.dispose]()
  })

  it('journals why it ignores a heartbeat', () => {
    const { dispatcher, store } = open()
    dispatcher.dispatch(started)
    dispatcher.dispatch({ type: 'sign-of-life', instance: 'worker-1' as InstanceId, launch: 7 })
    expect(store.journal(1, 100).map(({ ignored }) => ignored)).toEqual([
      'worker-1 is at launch 1, not 7',
    ])
    dispatcher[Symbol.dispose]()
  })

  it('redacts secrets in the texts of instances', () => {
    const { dispatcher, store } = open({ secret: 'sk-ant-canary' })
    dispatcher.dispatch(started)
    dispatcher.dispatch({
      type: 'prompt-confirmed',
      text: 'my key is sk-ant-canary',
      instance: 'manager' as never,
      launch: 1,
    })
    expect(JSON.stringify(store.journal(0, 100))).not.toContain('canary')
    dispatcher[Symbol.dispose]()
  })
})
