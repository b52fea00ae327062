import { describe, expect, it } from 'vitest'
import { acts } from '../acts/acts.ts'
import { HeldTasks } from '../players/held-tasks.ts'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import type { Setup } from './setup.ts'
import { Acting } from './acting.ts'

const unexpected = () => Promise.reject(new Error('there was no occasion'))

const setUp = () => {
  const { script } = makeSample(scenarios['origin-conflict'], 2, 2)
  const held = new HeldTasks(script)
  return new Acting({
    names: ['push-conflict'],
    acts: new Proxy(acts, { get: () => unexpected }),
    script,
    setup: { origin: '/nowhere/origin.git', root: '/nowhere' } as Setup,
    held,
    say: () => undefined,
  })
}

describe('the acts of a scenario', () => {
  it('are part of the verdict when the run ended without their occasion', async () => {
    const acting = setUp()
    await acting.end()
    const [first] = await acting.findings('/nowhere')
    expect(first?.problem).toBe('push-conflict: the occasion: the run ended before')
  })

  it('wait for no occasion when the server did not start', async () => {
    const acting = setUp()
    const begin = async () => {
      await using _acting = acting
      throw new Error('the server did not start')
    }
    await expect(begin()).rejects.toThrow('the server did not start')
    const [first] = await acting.findings('/nowhere')
    expect(first?.problem).toBe('push-conflict: the occasion: the run ended before')
  })
})
