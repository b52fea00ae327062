import { runFromCommandLine } from '../runner/command-line.ts'
import { parseChaosArguments } from './arguments.ts'
import { renderChaosOutcome } from './outcome.ts'
import { runChaos } from './run.ts'

process.exitCode = await runFromCommandLine(process.argv.slice(2), {
  parse: parseChaosArguments,
  run: runChaos,
  render: renderChaosOutcome,
})
