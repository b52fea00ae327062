import { Command, Option } from 'commander'
import { attacks } from './attacks.ts'

export interface AttackArguments {
  /** Not given: every attack. */
  readonly only?: readonly string[]
  /** The attack whose defence is switched off. */
  readonly disarmed?: string
  readonly keep: boolean
  readonly json: boolean
}

/**
 * Throws commander's error, having printed it, for what it does not understand and for `--help`.
 */
export function parseAttackArguments(argv: readonly string[]): AttackArguments {
  const ids = attacks.map(({ id }) => id)
  const described = attacks.map(({ id, from, tries }) => `  ${id.padEnd(22)} ${from} ${tries}`)
  const command = new Command('attack')
    .description(
      'Attacks a running system from every side that SECURITY.md names. Each attack has to get nothing.',
    )
    .addOption(new Option('--only <id...>', 'these attacks').choices(ids))
    .addOption(
      new Option(
        '--disarmed <id>',
        'only this attack, on a server without the defence against it: it has to win',
      ).choices(ids),
    )
    .option('--keep', 'leave the temporary directories behind', false)
    .option('--json', 'end with one line of JSON on stdout; everything else goes to stderr', false)
    .addHelpText('after', `\nAttacks:\n${described.join('\n')}`)
    .exitOverride()
  return command.parse([...argv], { from: 'user' }).opts<AttackArguments>()
}
