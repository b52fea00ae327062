import { CommanderError } from 'commander'
import { describeFailure } from '../run/failure.ts'
import { createScreen } from '../run/screen.ts'
import { parseChaosArguments } from './arguments.ts'
import { renderChaosOutcome } from './outcome.ts'
import { runChaos } from './run.ts'

/** Whatever ends us must not leave instances behind: a closed terminal neither. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof CommanderError)) throw error
  return error.exitCode === 0 ? 0 : 2
})

async function main(argv: readonly string[]): Promise<number> {
  const wanted = parseChaosArguments(argv)
  const screen = createScreen(wanted.json ? process.stderr : process.stdout)
  const interruption = new AbortController()
  const interrupt = (name: string) => {
    screen.print('Stopping everything …')
    interruption.abort(new Error(`interrupted by ${name}`))
  }
  for (const name of endings) process.on(name, interrupt)
  try {
    const outcome = await runChaos(wanted, screen, interruption.signal)
    for (const line of renderChaosOutcome(outcome)) screen.print(line)
    if (wanted.json) process.stdout.write(`${JSON.stringify(outcome)}\n`)
    return outcome.ok ? 0 : 1
  } catch (error) {
    for (const line of describeFailure(error)) screen.print(line)
    return interruption.signal.aborted ? 130 : 1
  } finally {
    for (const name of endings) process.off(name, interrupt)
  }
}
