import { describe, expect, it } from 'vitest'
import { captured, openPromptScene, worker } from '../../../test/support/prompt-scene.ts'
import { interruptTurn, probeInstance } from './probe-instance.ts'

const busy = captured('busy-tool')
/** A screen whose clock goes on with each reading. */
const moving = () => {
  let second = 20
  return () => {
    second += 1
    return busy.replace('(20s', `(${second}s`)
  }
}

describe('a probe of an instance whose screen shows a turn', () => {
  it('reports the tool that runs when the screen changes', async () => {
    const scene = await openPromptScene({ screen: moving() })
    expect(await probeInstance(worker, scene)).toEqual({
      type: 'instance-busy',
      tool: 'cd /tmp && sleep 500',
    })
  })

  it('reports nothing when the screen does not change: its process hangs or is paused', async () => {
    const scene = await openPromptScene({ screen: () => busy })
    expect(await probeInstance(worker, scene)).toBeNull()
  })

  it('reports a turn that is over', async () => {
    const scene = await openPromptScene({ screen: () => captured('interrupted-tool') })
    expect(await probeInstance(worker, scene)).toEqual({ type: 'instance-idle' })
  })
})

describe('a turn that hangs', () => {
  it('is interrupted by one Escape', async () => {
    const scene = await openPromptScene({
      screen: (typed) => (typed.includes('<Escape>') ? captured('interrupted-tool') : busy),
    })
    await interruptTurn(worker, scene)
    expect(scene.typed()).toEqual(['<Escape>'])
  })

  it('gets no Escape when it ended just then: a second one would open a menu', async () => {
    const scene = await openPromptScene()
    await interruptTurn(worker, scene)
    expect(scene.typed()).toEqual([])
  })

  it('that goes on in spite of it is reported as such', async () => {
    const scene = await openPromptScene({ screen: () => busy })
    await expect(interruptTurn(worker, scene)).rejects.toThrow('its screen shows busy')
  })
})
