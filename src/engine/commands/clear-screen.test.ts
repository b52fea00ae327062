import { describe, expect, it } from 'vitest'
import {
  captured,
  emptyPrompt,
  line,
  openPromptScene,
  promptWith,
  worker,
} from '../../../test/support/prompt-scene.ts'
import { clearScreen } from './type-prompt.ts'

describe('a dialog', () => {
  it.each(['limit', 'rewind', 'permission', 'unknown-dialog-question'])(
    '%s is left with one Escape before the prompt is typed',
    async (name) => {
      const scene = await openPromptScene({
        status: 'waiting',
        screen: (typed) => (typed.includes('<Escape>') ? emptyPrompt : captured(name)),
        agent: (key, say) => key === 'Escape' && say('idle'),
      })
      expect(await scene.send()).toBe('sent')
      expect(scene.typed()).toEqual(['<Escape>', line, '<Enter>'])
    },
  )

  it('is read from the screen at once when the status is waiting', async () => {
    const scene = await openPromptScene({
      status: 'waiting',
      screen: () => captured('shell-bash'),
    })
    const before = scene.clock.now()
    await scene.send()
    expect(scene.clock.now()).toBe(before)
  })

  it('that puts an older prompt back into the input box leads to clearing the box', async () => {
    const scene = await openPromptScene({
      status: 'waiting',
      screen: (keys) => {
        if (keys.includes('<C-u>')) return emptyPrompt
        return keys.includes('<Escape>')
          ? promptWith('[orchestrator p6] An older one.')
          : captured('limit')
      },
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual(['<Escape>', '<C-u>', '<C-u>', line, '<Enter>'])
  })

  it('with one right answer is confirmed only after the screen shows that selection', async () => {
    const screens = [captured('trust'), captured('trust-answered'), emptyPrompt]
    const scene = await openPromptScene({
      status: null,
      screen: (typed) => screens[Math.min(typed.length, 2)] ?? '',
    })
    expect(await scene.send()).toBe('sent')
    expect(scene.typed()).toEqual(['<Down>', '<Enter>', line, '<Enter>'])
  })

  it('that stays is reported after a few steps, and nothing is typed into it', async () => {
    const scene = await openPromptScene({
      status: 'waiting',
      screen: () => captured('limit'),
    })
    expect(await scene.send()).toEqual({ obstacle: 'limit', isHopeless: false })
    expect(new Set(scene.typed())).toEqual(new Set(['<Escape>']))
  })
})

describe('a later try', () => {
  it('presses only Enter when the input box holds exactly the prompt', async () => {
    const scene = await openPromptScene({ screen: () => promptWith(line) })
    expect(await scene.send({ tries: 2 })).toBe('sent')
    expect(scene.typed()).toEqual(['<Enter>'])
  })

  it.each(['/clear', `${line} ${line}`, '[orchestrator p6] An older one.'])(
    'removes %j from the input box and types again',
    async (text) => {
      const scene = await openPromptScene({
        screen: (keys) => (keys.includes('<C-u>') ? emptyPrompt : promptWith(text)),
      })
      expect(await scene.send({ tries: 2 })).toBe('sent')
      expect(scene.typed()).toEqual(['<C-u>', '<C-u>', line, '<Enter>'])
    },
  )

  it('leaves the shell mode of the input box before it types', async () => {
    const scene = await openPromptScene({
      screen: (keys) => (keys.includes('<C-u>') ? emptyPrompt : captured('typed-shell-mode')),
    })
    expect(await scene.send({ tries: 2 })).toBe('sent')
    expect(scene.typed()).toEqual(['<C-u>', '<C-u>', line, '<Enter>'])
  })

  it('types again when nothing blocks the prompt', async () => {
    const scene = await openPromptScene()
    expect(await scene.send({ tries: 2 })).toBe('sent')
    expect(scene.typed()).toEqual([line, '<Enter>'])
  })

  it('never presses Enter in the shell mode, whose box holds a command', async () => {
    const scene = await openPromptScene({ screen: () => captured('typed-shell-mode') })
    expect(await scene.send({ tries: 2, line: 'ls -la' })).toEqual({
      obstacle: 'typed',
      isHopeless: false,
    })
    expect(scene.typed()).not.toContain('<Enter>')
  })
})

it('a question at a start is answered before any prompt', async () => {
  const screens = [
    captured('settings-error-json'),
    '',
    captured('settings-error-answered'),
    emptyPrompt,
  ]
  const scene = await openPromptScene({
    screen: (typed) => screens[Math.min(typed.length, 3)] ?? '',
  })
  expect((await clearScreen(worker, scene)).name).toBe('prompt')
  expect(scene.typed()).toEqual(['<Down>', '<Down>', '<Enter>'])
})
