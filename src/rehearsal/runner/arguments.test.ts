import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

describe('the arguments of a rehearsal', () => {
  it('default to three workers on nine tasks', () => {
    expect(parseArguments([])).toEqual({
      workers: 3,
      tasks: 9,
      scenario: 'plain',
      context: 'fresh',
      keep: false,
      json: false,
    })
  })

  it('take what was said', () => {
    const argv = [
      '--workers',
      '10',
      '--tasks',
      '30',
      '--scenario',
      'conflict',
      '--runtime',
      'process',
      '--context',
      'same',
      '--keep',
      '--json',
    ]
    expect(parseArguments(argv)).toEqual({
      workers: 10,
      tasks: 30,
      scenario: 'conflict',
      context: 'same',
      runtime: 'process',
      keep: true,
      json: true,
    })
  })

  it.each([
    [['--workers', '0']],
    [['--tasks', '201']],
    [['--tasks', 'many']],
    [['--scenario', 'unheard-of']],
    [['--runtime', 'cloud']],
    [['--unknown']],
    [['stray']],
  ])('refuse %j', (argv) => {
    expect(() => parseArguments(argv)).toThrow(CommanderError)
  })
})
