import { acts } from './acts/acts.ts'
import { parseArguments } from './runner/arguments.ts'
import { runFromCommandLine } from './runner/command-line.ts'
import { renderOutcome } from './runner/outcome.ts'
import { runRehearsal } from './runner/rehearsal.ts'

process.exitCode = await runFromCommandLine(process.argv.slice(2), {
  parse: parseArguments,
  run: (wanted, screen, signal) => runRehearsal(wanted, screen, signal, acts),
  render: renderOutcome,
})
