import { describe, expect, it } from 'vitest'
import { parseChaosArguments } from './arguments.ts'

describe('the arguments of a chaos run', () => {
  it('have defaults', () => {
    expect(parseChaosArguments([])).toEqual({
      minutes: 5,
      seed: 1,
      workers: 4,
      keep: false,
      json: false,
    })
  })

  it('are taken', () => {
    const words = [
      '--minutes',
      '1.5',
      '--seed',
      '7',
      '--workers',
      '3',
      '--tasks',
      '20',
      '--json',
      '--keep',
    ]
    expect(parseChaosArguments(words)).toEqual({
      minutes: 1.5,
      seed: 7,
      workers: 3,
      tasks: 20,
      keep: true,
      json: true,
    })
  })

  it.each([
    [['--minutes', '0']],
    [['--minutes', '']],
    [['--seed', '-1']],
    [['--seed', '1.5']],
    [['--workers', '0']],
    [['--tasks', '1e9']],
    [['--fault', 'all']],
  ])('are refused: %s', (words) => {
    expect(() => parseChaosArguments(words)).toThrow(/Give a|unknown option/)
  })
})
