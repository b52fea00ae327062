import { parseArguments } from './run/arguments.ts'
import { runFromCommandLine } from './run/command-line.ts'
import { renderOutcome } from './run/outcome.ts'
import { runRehearsal } from './run/rehearsal.ts'

process.exitCode = await runFromCommandLine(process.argv.slice(2), {
  parse: parseArguments,
  perform: runRehearsal,
  render: renderOutcome,
})
