import { describe, expect, it } from 'vitest'
import { createFakeStore } from '../../test/fakes/store.ts'
import { createSkippingClock } from '../../test/fakes/skipping-clock.ts'
import { commit } from '../../test/support/run.ts'
import { CredentialId, RunId } from '../core/ids.ts'
import { initialState } from '../core/initial.ts'
import { defaultRules } from '../core/rules.ts'
import { createRedact } from '../lib/redact.ts'
import { Unavailable } from '../lib/unavailable.ts'
import { Dispatcher, type Fact } from './dispatcher.ts'

const rules = { ...defaultRules, workerCount: 1 }
const started: Fact = {
  type: 'server-started',
  rules,
  head: commit('base'),
  credentials: ['a', 'b'].map((id) => ({ id: CredentialId(id), kind: 'api-key' })),
}

function open({ failures = 0, secret = 'none-of-this' } = {}) {
  const clock = createSkippingClock()
  const kept = createFakeStore()
  let left = failures
  const store = {
    ...kept,
    commit: (...args: Parameters<typeof kept.commit>) => {
      if (left-- > 0) throw new Unavailable('the database cannot be written', { cause: new Error('disk full') })
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
  return { dispatcher, store, carriedOut, clock }
}

describe('a dispatcher', () => {
  it('does nothing that it could not write down', () => {
    const { dispatcher, carriedOut } = open({ failures: 1 })
    expect(() => dispatcher.dispatch(started)).toThrow('the database cannot be written')
    expect(carriedOut).toEqual([])
    expect(dispatcher.state.instances.size).toBe(0)
  })

  it('takes a fact that nobody can bring again as soon as it can write', async () => {
    const { dispatcher, carriedOut } = open({ failures: 3 })
    dispatcher.insist(started)
    expect(dispatcher.trouble).toBe('the database cannot be written: disk full')
    while (dispatcher.trouble !== null) await new Promise((resolve) => setImmediate(resolve))
    expect(carriedOut).toContain('start-instance')
    dispatcher[Symbol.dispose]()
  })

  it('writes no secret that an instance says', () => {
    const { dispatcher, store } = open({ secret: 'sk-ant-canary' })
    dispatcher.dispatch(started)
    dispatcher.dispatch({ type: 'prompt-confirmed', text: 'my key is sk-ant-canary', instance: 'manager' as never, launch: 1 })
    expect(JSON.stringify(store.journal(0, 100))).not.toContain('canary')
    dispatcher[Symbol.dispose]()
  })
})
