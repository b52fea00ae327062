import { Command, InvalidArgumentError } from 'commander'
import { manyConversions } from '../sample/conversion.ts'

export interface ChaosArguments {
  readonly minutes: number
  readonly seed: number
  readonly workers: number
  /** Not given: the Manager plans more as long as the time is not over. */
  readonly tasks?: number
  readonly keep: boolean
  readonly json: boolean
}

/**
 * Throws commander's error, having printed it, for what it does not understand and for `--help`.
 */
export function parseChaosArguments(argv: readonly string[]): ChaosArguments {
  const command = new Command('chaos')
    .description(
      'Runs the whole system on a sample project while faults strike it, then checks that nothing was lost or done twice.',
    )
    .option('--minutes <number>', 'how long faults strike', numberBetween(0.5, 240), 5)
    .option('--seed <number>', 'of what strikes, when and whom', wholeBetween(0, 2 ** 32 - 1), 1)
    .option('--workers <number>', 'workers beside the Manager', wholeBetween(1, 50), 4)
    .option(
      '--tasks <number>',
      'tasks in all, instead of as many as fit into the time',
      wholeBetween(1, manyConversions),
    )
    .option('--keep', 'leave the temporary directory behind', false)
    .option('--json', 'end with one line of JSON on stdout; everything else goes to stderr', false)
    .exitOverride()
  return command.parse([...argv], { from: 'user' }).opts<ChaosArguments>()
}

const numberBetween = (least: number, most: number) => (text: string) => {
  const number = Number(text)
  if (text.trim() === '' || !(number >= least && number <= most))
    throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`)
  return number
}

const wholeBetween = (least: number, most: number) => (text: string) => {
  const number = numberBetween(least, most)(text)
  if (!Number.isInteger(number))
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  return number
}
