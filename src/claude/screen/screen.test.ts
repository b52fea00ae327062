import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holds, recognise, runningTool, type ScreenState } from './screen.ts'

const directory = join(import.meta.dirname, '../../../test/fixtures/claude/screens')
const names = readdirSync(directory).map((name) => name.replace(/\.txt$/, ''))
const captured = (name: string): string => readFileSync(join(directory, `${name}.txt`), 'utf8')

/** A fixture's name is the state of its screen, followed by what is special about it. */
const states: readonly ScreenState['name'][] = [
  'prompt',
  'interrupted',
  'no-response',
  'typed',
  'busy',
  'trust',
  'bypass-warning',
  'auto-mode',
  'api-key',
  'settings-error',
  'limit',
  'rewind',
  'permission',
  'unknown-dialog',
  'onboarding',
  'shell',
  'exited',
]
const stateOf = (name: string) =>
  states.find((state) => name === state || name.startsWith(`${state}-`))

describe('a captured screen', () => {
  it.each(names)('%s is recognised', (name) => {
    expect(recognise(captured(name)).name).toBe(stateOf(name))
  })

  it('exists for every state', () => {
    expect(new Set(names.map(stateOf))).toEqual(new Set(states))
  })

  it.each(names)('%s is recognised in a terminal of any height', (name) => {
    const screen = captured(name).trimEnd()
    for (const more of [0, 1, 30])
      expect(recognise(screen + '\n'.repeat(more)).name).toBe(stateOf(name))
  })
})

describe('a busy screen', () => {
  it('shows the command that runs, without its time', () => {
    expect(runningTool(captured('busy-tool'))).toBe('cd /tmp && sleep 500')
  })

  it('shows the title of a tool without a command', () => {
    const screen = captured('busy-tool')
    const untold = screen.replace(/^.*\$ cd.*$/m, '').replace('· 18s', '· 1h 18m 3s')
    expect(runningTool(untold)).toBe('Sleeping')
  })

  it.each(['busy', 'busy-before-output', 'interrupted-tool'])('%s shows no tool', (name) => {
    expect(runningTool(captured(name))).toBeNull()
  })
})

describe('text in the input box', () => {
  const words = Array.from({ length: 60 }, (_, index) => `a word-${index + 1}/with:signs`)
  const longLine = `[orchestrator p12] ${words.join(' ')}`.slice(0, 795)

  it.each([
    ['typed', '[orchestrator p1] Fetch the brief of your next task.'],
    ['typed-too-early', '[orchestrator p1] early'],
    ['typed-classic', '[orchestrator p2] a line'],
    ['typed-long', longLine],
    ['typed-clear', '/clear'],
  ])('%s is known to be our line', (name, line) => {
    const seen = recognise(captured(name))
    expect(holds(seen, line)).toBe(true)
    expect(holds(seen, `${line}!`)).toBe(false)
    expect(holds(seen, line.slice(1))).toBe(false)
  })

  it('is not ours while the agent works: Enter would queue it', () => {
    expect(holds(recognise(captured('busy-typed')), '[orchestrator p3] queued')).toBe(false)
  })

  it('is not ours when a paste is shown as a summary', () => {
    expect(recognise(captured('typed-pasted')).text).toBe('[Pasted text #1 +4 lines]')
  })

  it('is removed by a C-u for each row and each line break', () => {
    expect(recognise(captured('typed-long')).remedy).toEqual(
      Array.from({ length: 10 }, () => 'C-u'),
    )
  })
})

describe('the remedy', () => {
  const questions = ['trust', 'bypass-warning', 'auto-mode', 'api-key', 'settings-error-json']

  it.each(questions)('of %s first moves the selection', (name) => {
    expect(recognise(captured(name)).remedy).toEqual(
      name === 'api-key' ? ['Up'] : name === 'settings-error-json' ? ['Down', 'Down'] : ['Down'],
    )
  })

  it.each(questions)('of %s confirms once the screen shows it on the answer', (name) => {
    expect(recognise(captured(`${name.replace('-json', '')}-answered`)).remedy).toEqual(['Enter'])
  })

  it.each(['limit', 'limit-classic', 'rewind', 'permission', 'unknown-dialog-question'])(
    'of %s is Escape',
    (name) => {
      expect(recognise(captured(name)).remedy).toEqual(['Escape'])
    },
  )

  it.each(['shell-bash', 'shell-after-kill', 'exited', 'onboarding-unreachable'])(
    'of %s is a restart',
    (name) => {
      expect(recognise(captured(name)).remedy).toBe('restart')
    },
  )

  it('of a known question without the expected answer is a restart', () => {
    expect(
      recognise(captured('trust').replace('Yes, I trust this folder', 'Yes, anything')).remedy,
    ).toBe('restart')
  })
})

describe('Enter', () => {
  const confirmed = [
    '❯ Yes, I trust this folder',
    '❯ Yes, I accept',
    '❯ No, keep bypass permissions',
    '❯ Yes',
    '❯ 1. Continue',
    '❯ 3. Continue without these settings',
  ]
  const endsInEnter = ({ remedy }: ScreenState): boolean =>
    Array.isArray(remedy) && remedy.includes('Enter')
  const isEarned = (screen: string): boolean => {
    const seen = recognise(screen)
    if (!endsInEnter(seen)) return true
    return (
      seen.remedy?.length === 1 &&
      screen.split('\n').some((line) => confirmed.includes(line.trim()))
    )
  }

  it.each(names)('is pressed at %s only on a verified selection', (name) => {
    expect(isEarned(captured(name))).toBe(true)
    expect(endsInEnter(recognise(captured(name)))).toBe(
      name.endsWith('-answered') || ['settings-error', 'settings-error-managed'].includes(name),
    )
  })

  it('is pressed on no mixture of screens without a verified selection', () => {
    const pieces = names
      .flatMap((name) => captured(name).split('\n'))
      .filter((line) => line.trim() !== '')
    const line = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...new Set(pieces)) },
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line, { size: 'max', maxLength: 50 }), (lines) =>
        isEarned(lines.join('\n')),
      ),
      { numRuns: 3_000 },
    )
  })

  it('is pressed on no selection that was moved to another answer', () => {
    for (const name of names.filter((each) => endsInEnter(recognise(captured(each))))) {
      const lines = captured(name).split('\n')
      const selected = lines.findIndex((line) => line.trim().startsWith('❯ '))
      for (let index = selected - 2; index <= selected + 2; index += 1) {
        if (index === selected || (lines[index] ?? '').trim() === '') continue
        const moved = lines.map((line, at) => {
          if (at === selected) return line.replace('❯', ' ')
          return at === index ? `❯ ${line.trim()}` : line
        })
        expect(endsInEnter(recognise(moved.join('\n')))).toBe(false)
      }
    }
  })
})

describe('what an agent prints', () => {
  const printed = (name: string): string =>
    captured('prompt-after-turn').replace('● ok, done', captured(name).trimEnd())

  it.each(['trust-answered', 'limit', 'shell-bash', 'exited', 'rewind', 'typed'])(
    'is not mistaken for %s above an input box',
    (name) => {
      expect(recognise(printed(name)).name).toBe('prompt')
    },
  )
})

it.each([[''], ['\n'.repeat(49)], ['Cloning into /workspace'], ['100% done']])(
  'the screen %j is unknown and gets no key',
  (screen) => {
    expect(recognise(screen)).toEqual({ name: 'unknown', text: '', remedy: null })
  },
)
