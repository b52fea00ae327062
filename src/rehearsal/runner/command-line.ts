import { CommanderError } from 'commander'
import { describeFailure } from './failure.ts'
import { createScreen, type Screen } from './screen.ts'

/** Whatever ends us must not leave instances behind: a closed terminal neither. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

interface Program<Wanted, Outcome> {
  /** Throws commander's error for what it does not understand. */
  readonly parse: (argv: readonly string[]) => Wanted
  readonly run: (wanted: Wanted, screen: Screen, signal: AbortSignal) => Promise<Outcome>
  readonly render: (outcome: Outcome) => readonly string[]
}

/**
 * From the words behind the command to its exit code: 0 when everything was as promised, 1 when
 * not, 2 for a command line that makes no sense, 130 when it was interrupted. With `--json` the
 * outcome is the last line of stdout, and everything else goes to stderr.
 */
export async function runFromCommandLine<
  Wanted extends { readonly json: boolean },
  Outcome extends { readonly ok: boolean },
>(argv: readonly string[], { parse, run, render }: Program<Wanted, Outcome>): Promise<number> {
  const wanted = parsed(() => parse(argv))
  if (typeof wanted === 'number') return wanted
  const screen = createScreen(wanted.json ? process.stderr : process.stdout)
  const interruption = new AbortController()
  const interrupt = (name: string) => {
    screen.print('Stopping everything …')
    interruption.abort(new Error(`interrupted by ${name}`))
  }
  for (const name of endings) process.on(name, interrupt)
  try {
    const outcome = await run(wanted, screen, interruption.signal)
    for (const line of render(outcome)) screen.print(line)
    if (wanted.json) process.stdout.write(`${JSON.stringify(outcome)}\n`)
    return outcome.ok ? 0 : 1
  } catch (error) {
    for (const line of describeFailure(error)) screen.print(line)
    return interruption.signal.aborted ? 130 : 1
  } finally {
    for (const name of endings) process.off(name, interrupt)
  }
}

/** What was asked for, or the exit code when only help was, or nothing that we understand. */
function parsed<Wanted>(parse: () => Wanted): Wanted | number {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
}
