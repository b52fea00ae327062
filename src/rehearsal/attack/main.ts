import { runFromCommandLine } from '../runner/command-line.ts'
import { parseAttackArguments } from './arguments.ts'
import { renderAttackOutcome } from './outcome.ts'
import { runAttacks } from './run.ts'

process.exitCode = await runFromCommandLine(process.argv.slice(2), {
  parse: parseAttackArguments,
  run: runAttacks,
  render: renderAttackOutcome,
})
