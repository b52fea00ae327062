import { describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { commit } from '../../../test/support/run.ts'
import { CredentialId, type InstanceId, RunId } from '../../core/model/ids.ts'
import { initialState } from '../../core/model/initial-state.ts'
import { defaultPolicy } from '../../core/model/policy.ts'
import { createRedact } from '../../lib/redact.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import { Dispatcher, type NewEvent } from './dispatcher.ts'

const rules = { ...defaultPolicy, workerCount: 1 }
const started: NewEvent = {
  type: 'server-started',
  rules,
  head: commit('base'),
  credentials: ['a', 'b'].map((id) => ({ id: CredentialId(id), kind: 'api-key' })),
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function open({ failures = 0, secret = 'none-of-this' } = {}) {
  const clock = createSkippingClock()
  const kept = createFakeStore()
  let left = failures
  const store = {
    ...kept,
    commit: (...args: Parameters<typeof kept.commit>) => {
      if (left-- > 0)
        throw new Unavailable('the database cannot be written', { cause: new Error('disk full') })
      return kept.commit(...args)
    },
  }
  const initial = initialState(RunId('r'), rules, commit('base'), clock.now())
  const carriedOut: string[] = []
  const dispatcher = new Dispatcher(
    store,
    clock,
    initial,
    (commands) => carriedOut.push(...commands.map(({ type }) => type)),
    createRedact(() => [secret]),
  )
  return { dispatcher, store, carriedOut, clock, fail: (times: number) => (left = times) }
}

describe('a dispatcher', () => {
  it('does nothing that it could not write down', () => {
    const { dispatcher, carriedOut } = open({ failures: 1 })
    expect(() => dispatcher.dispatch(started)).toThrow('the database cannot be written')
    expect(carriedOut).toEqual([])
    expect(dispatcher.state.instances.size).toBe(0)
    dispatcher[Symbol.dispose]()
  })

  it('takes a fact that nobody can bring again as soon as it can write', async () => {
    const { dispatcher, carriedOut, clock } = open({ failures: 3 })
    const since = clock.now()
    dispatcher.enqueue(started)
    expect(dispatcher.writeOutage).toEqual({
      reason: 'the database cannot be written: disk full',
      since,
    })
    while (dispatcher.writeOutage !== null) await turn()
    expect(carriedOut).toContain('start-instance')
    dispatcher[Symbol.dispose]()
  })

  it('takes what waits in order, and nothing newer before it', async () => {
    const { dispatcher, store } = open({ failures: 3 })
    dispatcher.enqueue(started)
    dispatcher.enqueue({ type: 'command-failed', command: 'first', reason: 'x' })
    expect(() =>
      dispatcher.dispatch({ type: 'command-failed', command: 'second', reason: 'x' }),
    ).toThrow(Unavailable)
    expect(dispatcher.waiting).toBe(2)
    dispatcher.dispatch({ type: 'command-failed', command: 'third', reason: 'x' })
    const told = store
      .journal(0, 10)
      .map(({ event }) => ('command' in event ? event.command : event.type))
    expect(told).toEqual(['server-started', 'first', 'third'])
    dispatcher[Symbol.dispose]()
  })

  it('finds out by itself that it can write again, when all who were refused have gone', async () => {
    const { dispatcher, store, fail } = open()
    const told: boolean[] = []
    dispatcher.watchWriteOutage((standstill) => told.push(standstill !== null))
    dispatcher.dispatch(started)
    fail(4)
    dispatcher.dispatchBestEffort({ type: 'credentials-changed', credentials: [], changed: [] })
    expect(dispatcher.waiting).toBe(0)
    while (dispatcher.writeOutage !== null) await turn()
    expect(told).toEqual([true, false])
    expect(store.journal(1, 1)[0]?.ignored).toBe(
      'commit failed: the database cannot be written: disk full',
    )
    dispatcher[Symbol.dispose]()
  })

  it('does not write down that a worker is still at work, until something else happens', () => {
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

  it('does not write down that a usage window is as full as before, only when it is fuller', () => {
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

  it('writes down why a sign of life means nothing', () => {
    const { dispatcher, store } = open()
    dispatcher.dispatch(started)
    dispatcher.dispatch({ type: 'sign-of-life', instance: 'worker-1' as InstanceId, launch: 7 })
    expect(store.journal(1, 100).map(({ ignored }) => ignored)).toEqual([
      'worker-1 is at launch 1, not 7',
    ])
    dispatcher[Symbol.dispose]()
  })

  it('writes no secret that an instance says', () => {
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
