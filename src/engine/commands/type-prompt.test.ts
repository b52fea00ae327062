import { describe, expect, it } from 'vitest'
import {
  captured,
  emptyPrompt,
  line,
  openPromptScene,
  worker,
} from '../../../test/support/prompt-scene.ts'

describe('a prompt', () => {
  it('is typed at once when the agent is idle', async () => {
    const scene = await openPromptScene()
    const before = scene.clock.now()
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
    expect(scene.clock.now()).toBe(before)
  })

  it('is typed while a background shell of the agent still runs', async () => {
    const scene = await openPromptScene({ status: 'shell' })
    expect(await scene.send()).toBe('sent')
  })

  it.each([['busy'], [null]] as const)(
    'waits until an agent with the status %s is idle',
    async (status) => {
      const scene = await openPromptScene({ status })
      const sending = scene.send()
      expect(scene.typed()).toEqual([])
      scene.agentStatus.say(worker, 'idle')
      expect(await sending).toBe('sent')
      expect(scene.typed()).toEqual([line, '<Enter>'])
    },
  )

  it('is given up within 15 s, before the next try', async () => {
    const scene = await openPromptScene({
      status: 'busy',
      screen: () => captured('limit'),
    })
    const before = scene.clock.now()
    expect(await scene.send()).toEqual({ obstacle: 'limit', isHopeless: false })
    expect(scene.clock.now() - before).toBeLessThan(15_000)
  })
})

describe('an agent that does not become idle', () => {
  it('but shows an empty input box gets the prompt', async () => {
    const scene = await openPromptScene({ status: 'busy' })
    expect(await scene.send()).toBe('sent')
  })

  it('and is busy gets no key', async () => {
    const scene = await openPromptScene({
      status: 'busy',
      screen: () => captured('busy-typed'),
    })
    expect(await scene.send()).toEqual({ obstacle: 'busy', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })

  it.each(['shell-bash', 'shell-after-kill', 'exited', 'onboarding-unreachable'])(
    'and shows %s gets no key and is hopeless',
    async (name) => {
      const scene = await openPromptScene({
        status: null,
        screen: () => captured(name),
      })
      expect(await scene.send()).toMatchObject({
        obstacle: /^[a-z]+/.exec(name)?.[0],
        isHopeless: true,
      })
      expect(scene.typed()).toEqual([])
    },
  )

  it('and shows an unknown screen is redrawn before it is judged', async () => {
    const scene = await openPromptScene({
      status: null,
      screen: () => (scene.terminals.redrawsOf(worker) > 0 ? emptyPrompt : ''),
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
  })

  it('and still shows an unknown screen gets no key', async () => {
    const scene = await openPromptScene({ status: null, screen: () => '' })
    expect(await scene.send()).toEqual({ obstacle: 'unknown', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })
})

it('a terminal that is gone is an error that names the instance', async () => {
  const scene = await openPromptScene()
  scene.terminals.end(worker)
  await expect(scene.send()).rejects.toThrow('worker-1')
})
