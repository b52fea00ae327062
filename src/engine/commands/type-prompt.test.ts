import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createFakeAgentStatus } from '../../../test/fakes/agent-status.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { createFakeTerminals, type Typed } from '../../../test/fakes/terminals.ts'
import { workerId } from '../../core/model/ids.ts'
import { clearScreen, type PromptDelivery, typePrompt } from './type-prompt.ts'
import type { AgentSignals } from '../observe/agent-status.ts'

const worker = workerId(1)
const line = '[orchestrator p7] Fetch the brief of your next task.'
const captured = (name: string): string =>
  readFileSync(
    new URL(`../../../test/fixtures/claude/screens/${name}.txt`, import.meta.url),
    'utf8',
  )
const prompt = captured('prompt-after-turn')
const typed = (text: string): string => prompt.replace(/^❯\u00a0$/m, `❯\u00a0${text}`)

interface Scene {
  readonly heard?: Partial<AgentSignals>
  /** What the agent does about a key, given everything typed so far. */
  readonly agent?: (key: string, typed: Typed, say: (change: Partial<AgentSignals>) => void) => void
  readonly screen?: (typed: Typed) => string
}

/** An agent that clears at once, unless the scene has another one. */
async function openScene({
  heard = { status: 'idle' },
  screen = () => prompt,
  ...scene
}: Scene = {}) {
  const facts = createFakeAgentStatus()
  const clock = createSkippingClock()
  const agent: Scene['agent'] =
    scene.agent ??
    ((key, typed, say) => {
      if (key === 'Enter' && typed.at(-2) === '/clear')
        say({ clears: facts.signalsOf(worker).clears + 1 })
    })
  const terminals = createFakeTerminals({
    onPress: (_, key, all) => agent(key, all, (change) => facts.say(worker, change)),
  })
  await terminals.ensureOpen(worker, ['agent'])
  terminals.show(worker, screen)
  facts.say(worker, heard)
  const send = (change: Partial<PromptDelivery> = {}) =>
    typePrompt(
      { instance: worker, line, fresh: false, tries: 1, ...change },
      { terminals, agentStatus: facts, clock },
    )
  return { terminals, facts, clock, send, typed: () => terminals.typedInto(worker) }
}

describe('a prompt', () => {
  it('is typed at once when the agent is idle', async () => {
    const scene = await openScene()
    const before = scene.clock.now()
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
    expect(scene.clock.now()).toBe(before)
  })

  it('is typed while a background shell of the agent still runs', async () => {
    const scene = await openScene({ heard: { status: 'shell' } })
    expect(await scene.send()).toBe('sent')
  })

  it.each([['busy'], [null]] as const)(
    'waits until an agent that says %s is idle',
    async (status) => {
      const scene = await openScene({ heard: { status } })
      const sending = scene.send()
      expect(scene.typed()).toEqual([])
      scene.facts.say(worker, { status: 'idle' })
      expect(await sending).toBe('sent')
      expect(scene.typed()).toEqual([line, '<Enter>'])
    },
  )

  it('for a fresh conversation is typed after the answer to /clear, never together with it', async () => {
    const order: string[] = []
    const scene = await openScene({
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

  it('is not typed when /clear is not answered', async () => {
    const scene = await openScene({ agent: () => undefined })
    expect(await scene.send({ fresh: true })).toEqual({
      obstacle: 'clear-unanswered',
      isHopeless: false,
    })
    expect(scene.typed()).toEqual(['/clear', '<Enter>'])
  })

  it('is given up soon enough for the next try, whatever the agent does', async () => {
    const scene = await openScene({
      heard: { status: 'busy' },
      screen: () => captured('limit'),
      agent: () => undefined,
    })
    const before = scene.clock.now()
    expect(await scene.send({ fresh: true })).toEqual({ obstacle: 'limit', isHopeless: false })
    expect(scene.clock.now() - before).toBeLessThan(15_000)
  })
})

describe('an agent that does not become idle', () => {
  it('but shows a prompt gets it typed', async () => {
    const scene = await openScene({ heard: { status: 'busy' } })
    expect(await scene.send()).toBe('sent')
  })

  it('and works is left alone', async () => {
    const scene = await openScene({
      heard: { status: 'busy' },
      screen: () => captured('busy-typed'),
    })
    expect(await scene.send()).toEqual({ obstacle: 'busy', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })

  it.each(['shell-bash', 'shell-after-kill', 'exited', 'onboarding-unreachable'])(
    'but shows %s gets no key and no hope',
    async (name) => {
      const scene = await openScene({ heard: { status: null }, screen: () => captured(name) })
      expect(await scene.send()).toMatchObject({
        obstacle: /^[a-z]+/.exec(name)?.[0],
        isHopeless: true,
      })
      expect(scene.typed()).toEqual([])
    },
  )

  it('and shows a patchwork is drawn anew before it is judged', async () => {
    const scene = await openScene({
      heard: { status: null },
      screen: () => (scene.terminals.redrawsOf(worker) > 0 ? prompt : ''),
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
  })

  it('and shows nothing that we know gets no key', async () => {
    const scene = await openScene({ heard: { status: null }, screen: () => '' })
    expect(await scene.send()).toEqual({ obstacle: 'unknown', isHopeless: false })
    expect(scene.typed()).toEqual([])
  })
})

describe('a dialog', () => {
  it.each(['limit', 'rewind', 'permission', 'unknown-dialog-question'])(
    '%s is left with one Escape before the prompt is typed',
    async (name) => {
      const scene = await openScene({
        heard: { status: 'waiting' },
        screen: (typed) => (typed.includes('<Escape>') ? prompt : captured(name)),
        agent: (key, _, say) => key === 'Escape' && say({ status: 'idle' }),
      })
      expect(await scene.send()).toBe('sent')
      expect(scene.typed()).toEqual(['<Escape>', line, '<Enter>'])
    },
  )

  it('is looked at at once when the agent says that it waits', async () => {
    const scene = await openScene({
      heard: { status: 'waiting' },
      screen: () => captured('shell-bash'),
    })
    const before = scene.clock.now()
    await scene.send()
    expect(scene.clock.now()).toBe(before)
  })

  it('that puts the last prompt back into the box is followed by clearing the box', async () => {
    const scene = await openScene({
      heard: { status: 'waiting' },
      screen: (keys) => {
        if (keys.includes('<C-u>')) return prompt
        return keys.includes('<Escape>')
          ? typed('[orchestrator p6] An older one.')
          : captured('limit')
      },
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual(['<Escape>', '<C-u>', '<C-u>', line, '<Enter>'])
  })

  it('with one right answer is confirmed only after the selection was seen there', async () => {
    const screens = [captured('trust'), captured('trust-answered'), prompt]
    const scene = await openScene({
      heard: { status: null },
      screen: (typed) => screens[Math.min(typed.length, 2)] ?? '',
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual(['<Down>', '<Enter>', line, '<Enter>'])
  })

  it('that stays is named after a few looks, and nothing is typed into it', async () => {
    const scene = await openScene({ heard: { status: 'waiting' }, screen: () => captured('limit') })
    expect(await scene.send()).toEqual({ obstacle: 'limit', isHopeless: false })
    expect(new Set(scene.typed())).toEqual(new Set(['<Escape>']))
  })
})

describe('a later try', () => {
  it('presses only Enter when the box holds exactly our line', async () => {
    const scene = await openScene({ screen: () => typed(line) })
    expect(await scene.send({ tries: 2, fresh: true })).toBe('sent')
    expect(scene.typed()).toEqual(['<Enter>'])
  })

  it.each(['/clear', `${line} ${line}`, '[orchestrator p6] An older one.'])(
    'clears %j out of the box and types again',
    async (text) => {
      const scene = await openScene({
        screen: (keys) => (keys.includes('<C-u>') ? prompt : typed(text)),
      })
      expect(await scene.send({ tries: 2 })).toBe('sent')
      expect(scene.typed()).toEqual(['<C-u>', '<C-u>', line, '<Enter>'])
    },
  )

  it('leaves the shell mode of the box before it types', async () => {
    const scene = await openScene({
      screen: (keys) => (keys.includes('<C-u>') ? prompt : captured('typed-shell-mode')),
    })
    expect(await scene.send({ tries: 2 })).toBe('sent')
    expect(scene.typed()).toEqual(['<C-u>', '<C-u>', line, '<Enter>'])
  })

  it('types again when nothing is in the way', async () => {
    const scene = await openScene()
    expect(await scene.send({ tries: 2 })).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
  })

  it('never presses Enter for a line of ours that a shell would run', async () => {
    const scene = await openScene({ screen: () => captured('typed-shell-mode') })
    expect(await scene.send({ tries: 2, line: 'ls -la' })).toEqual({
      obstacle: 'typed',
      isHopeless: false,
    })
    expect(scene.typed()).not.toContain('<Enter>')
  })
})

it('a start that stands at a question can be helped before anything is sent', async () => {
  const screens = [captured('settings-error-json'), '', captured('settings-error-answered'), prompt]
  const scene = await openScene({ screen: (typed) => screens[Math.min(typed.length, 3)] ?? '' })
  expect((await clearScreen(worker, scene)).name).toBe('prompt')
  expect(scene.typed()).toEqual(['<Down>', '<Down>', '<Enter>'])
})

it('a terminal that is gone is an error with its name', async () => {
  const scene = await openScene()
  scene.terminals.end(worker)
  await expect(scene.send()).rejects.toThrow('worker-1')
})
