import { Command, InvalidArgumentError, Option } from 'commander'
import { maximumConversions } from '../sample/conversion.ts'
import { type ScenarioName, scenarios } from '../scenarios/scenarios.ts'

export type RuntimeKind = 'docker' | 'process'
export type ContextKind = 'fresh' | 'same'

export interface Arguments {
  readonly workers: number
  readonly tasks: number
  readonly scenario: ScenarioName
  /** Not given: containers where an engine answers. */
  readonly runtime?: RuntimeKind
  readonly context: ContextKind
  /** Not given: the default of the settings. */
  readonly network?: 'sealed' | 'proxied' | 'open'
  readonly credentials?: 'file' | 'gateway'
  readonly keep: boolean
  readonly json: boolean
}

/**
 * Throws commander's error, having printed it, for what it does not understand and for `--help`.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const described = Object.entries(scenarios).map(
    ([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`,
  )
  const command = new Command('rehearse')
    .description(
      'Runs the whole system on a sample project; the language model is scripted, everything else is real.',
    )
    .option('--workers <number>', 'workers beside the Manager', between(1, 50), 3)
    .option('--tasks <number>', 'tasks of the sample project', between(1, maximumConversions), 9)
    .addOption(
      new Option('--scenario <name>', 'what goes on besides the work')
        .choices(Object.keys(scenarios))
        .default('plain'),
    )
    .addOption(
      new Option('--runtime <kind>', 'where the instances run').choices(['docker', 'process']),
    )
    .addOption(
      new Option('--context <kind>', 'the conversation in which the next task is done')
        .choices(['fresh', 'same'])
        .default('fresh'),
    )
    .addOption(
      new Option('--network <kind>', 'what containers reach, as in the setting').choices([
        'sealed',
        'proxied',
        'open',
      ]),
    )
    .addOption(
      new Option('--credentials <kind>', 'who holds them, as in the setting').choices([
        'file',
        'gateway',
      ]),
    )
    .option('--keep', 'leave the temporary directory behind', false)
    .option('--json', 'end with one line of JSON on stdout; everything else goes to stderr', false)
    .addHelpText('after', `\nScenarios:\n${described.join('\n')}`)
    .exitOverride()
  return command.parse([...argv], { from: 'user' }).opts<Arguments>()
}

const between = (least: number, most: number) => (text: string) => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least || number > most)
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  return number
}
