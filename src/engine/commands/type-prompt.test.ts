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
    const scene = await openPromptScene({ signals: { status: 'shell' } })
    expect(await scene.send()).toBe('sent')
  })

  it.each([['busy'], [null]] as const)(
    'waits until an agent with the status %s is idle',
    async (status) => {
      const scene = await openPromptScene({ signals: { status } })
      const sending = scene.send()
      expect(scene.typed()).toEqual([])
      scene.agentStatus.say(worker, { status: 'idle' })
      expect(await sending).toBe('sent')
      expect(scene.typed()).toEqual([line, '<Enter>'])
    },
  )

  it('for a fresh conversation is typed only after the agent has confirmed /clear', async () => {
    const order: string[] = []
    const scene = await openPromptScene({
      agent: (key, typed, say) => {
        if (typed.at(-2) !== '/clear') return
        order.push(`${typed.at(-2)}${key}`)
        say({ status: 'busy' })
        setImmediate(() => {
          order.push(`cleared after ${typed.length} keys of ${scene.typed().length}`)
          say({ clears: 1, status: 'idle' })
        })
      },
    })
    expect(await scene.send({ fresh: true })).toBe('sent')
    expect(order).toEqual(['/clearEnter', 'cleared after 2 keys of 2'])
    expect(scene.typed()).toEqual(['/clear', '<Enter>', line, '<Enter>'])
  })

  it('is not typed when the agent does not confirm /clear', async () => {
    const scene = await openPromptScene({ agent: () => undefined })
    expect(await scene.send({ fresh: true })).toEqual({
      obstacle: 'clear-unanswered',
      isHopeless: false,
    })
    expect(scene.typed()).toEqual(['/clear', '<Enter>'])
  })

  it('is given up within 15 s, before the next try', async () => {
    const scene = await openPromptScene({
      signals: { status: 'busy' },
      screen: () => captured('limit'),
      agent: () => undefined,
    })
    const before = scene.clock.now()
    expect(await scene.send({ fresh: true })).toEqual({ obstacle: 'limit', isHopeless: false })
    expect(scene.clock.now() - before).toBeLessThan(15_000)
  })
})

describe('an agent that does not become idle', () => {
  it('but shows an empty input box gets the prompt', async () => {
    const scene = await openPromptScene({ signals: { status: 'busy' } })
    expect(await scene.send()).toBe('sent')
  })

  it('and is busy gets no key', async () => {
    const scene = await openPromptScene({
      signals: { status: 'busy' },
      screen: () => captured('busy-typed'),
    })
    expect(await scene.send()).toEqual({ obstacle: 'busy', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })

  it.each(['shell-bash', 'shell-after-kill', 'exited', 'onboarding-unreachable'])(
    'and shows %s gets no key and is hopeless',
    async (name) => {
      const scene = await openPromptScene({
        signals: { status: null },
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
      signals: { status: null },
      screen: () => (scene.terminals.redrawsOf(worker) > 0 ? emptyPrompt : ''),
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
  })

  it('and still shows an unknown screen gets no key', async () => {
    const scene = await openPromptScene({ signals: { status: null }, screen: () => '' })
    expect(await scene.send()).toEqual({ obstacle: 'unknown', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })
})

it('a terminal that is gone is an error that names the instance', async () => {
  const scene = await openPromptScene()
  scene.terminals.end(worker)
  await expect(scene.send()).rejects.toThrow('worker-1')
})
