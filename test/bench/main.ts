import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runFromCommandLine } from '../../src/rehearsal/runner/command-line.ts'
import { describeFailure } from '../../src/rehearsal/runner/failure.ts'
import { describeProbe, probeMachine } from '../../src/rehearsal/runner/machine-probe.ts'
import { chooseRuntime } from '../../src/rehearsal/runner/runtime.ts'
import type { Screen } from '../../src/rehearsal/runner/screen.ts'
import { parseArguments, type Wanted } from './arguments.ts'
import { changesSince } from './comparison.ts'
import { keep, lastKept } from './kept.ts'
import { chosenPaths } from './paths.ts'
import { measureRounds } from './rounds.ts'
import type { Row } from './row.ts'
import { tableOf } from './table.ts'

/**
 * A figure is no reason to fail: what a machine takes in milliseconds says little about the code.
 */
interface Outcome {
  readonly ok: boolean
  readonly lines: readonly string[]
  toJSON(): { readonly rows: readonly Row[] }
}

async function runBench(wanted: Wanted, screen: Screen, signal: AbortSignal): Promise<Outcome> {
  const { kind: runtime } = await chooseRuntime(undefined, false)
  const say = (line: string): void => screen.print(line)
  const rows: Row[] = []
  const failures: string[] = []
  for (const { words, measure, needsEngine } of chosenPaths(wanted.only)) {
    say(words.join(', '))
    if (needsEngine && runtime !== 'docker') {
      say('  no Docker engine answers: not measured')
      continue
    }
    try {
      rows.push(
        ...(await measure({
          isQuick: wanted.quick,
          signal,
          say,
          rounds: (count, round) =>
            measureRounds({ runtime, repeats: wanted.repeats, signal, say }, count, round),
        })),
      )
    } catch (error) {
      signal.throwIfAborted()
      // The other paths still have their figures.
      failures.push(`${words[0] ?? ''}: not measured: ${describeFailure(error).join('; ')}`)
      say(`  ${failures.at(-1)}`)
    }
  }
  return {
    ok: failures.length === 0,
    lines: ['', ...tableOf(rows), '', ...(await compareAndKeep(rows, wanted)), ...failures],
    toJSON: () => ({ rows }),
  }

  async function compareAndKeep(
    all: readonly Row[],
    { quick }: Wanted,
  ): Promise<readonly string[]> {
    const before = await lastKept(quick)
    const machine = describeProbe(await probeMachine(runtime))
    const table = { at: new Date().toISOString(), commit: await head(), isQuick: quick, machine }
    const path = await keep({ ...table, rows: [...all] })
    const changes = changesSince(before, all)
    const since = changes.length === 0 ? 'Nothing changed since the last table.' : 'Changed:'
    return [machine, since, ...changes.map((line) => `  ${line}`), `Kept in ${path}`]
  }
}

/** The commit that is measured; empty outside of a repository. */
const head = async (): Promise<string> =>
  await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  )

process.exitCode = await runFromCommandLine(process.argv.slice(2), {
  parse: parseArguments,
  run: runBench,
  render: ({ lines }) => lines,
})
