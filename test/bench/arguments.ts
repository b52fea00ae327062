import { Command, InvalidArgumentError } from 'commander'
import { chosenPaths, paths } from './paths.ts'

export interface Wanted {
  readonly only: readonly string[]
  readonly quick: boolean
  /** How many disturbed rounds of each path are repeated at most. */
  readonly repeats: number
  readonly json: boolean
}

/**
 * Throws commander's error, having printed it, for what it does not understand and for `--help`.
 */
export function parseArguments(argv: readonly string[]): Wanted {
  const words = paths.flatMap(({ words: [name = ''] }) => name).join(', ')
  const command = new Command('bench')
    .description(
      'Measures every path, product and raw in turn, and compares with the last kept table. It ' +
        'fails for no figure.',
    )
    .option('--only <words...>', `some paths: ${words}`, [])
    .option('--quick', 'fewer rounds and smaller runs: a few minutes', false)
    .option('--repeats <number>', 'disturbed rounds of a path that are repeated', wholeNumber, 3)
    .option('--json', 'end with one line of JSON on stdout; everything else goes to stderr', false)
    .exitOverride()
  const wanted = command.parse([...argv], { from: 'user' }).opts<Wanted>()
  if (chosenPaths(wanted.only).length === 0) command.error(`no path has ${wanted.only.join(', ')}`)
  return wanted
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}
