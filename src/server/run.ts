import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { openStateDirectory, type StateDirectory } from '../adapters/system/state-directory.ts'
import { findFiles } from '../adapters/credentials/find-files.ts'
import { EXIT_CONFIGURATION, type Reading, readConfiguration } from '../config/read.ts'
import { describeProblems } from '../lib/problem.ts'
import { reasonOf } from '../lib/reason.ts'
import { OutdatedTool } from '../ports/outdated-tool.ts'
import { RefusedSetting } from '../ports/refused-setting.ts'
import { UnusableConfiguration } from './unusable-configuration.ts'
import { type Orchestrator, type StartOptions, startOrchestrator } from './wiring.ts'

const EXIT_FAILURE = 1
const EXIT_USAGE = 2
/** The running work gets this long to end; the next start repeats the rest. */
const drainMs = 8_000

interface Options {
  readonly config: string
  readonly state?: string
  readonly port?: number
  readonly host?: string
  readonly logLevel?: string
  readonly stopInstances: boolean
}

/** Runs the server's command line. Signals and failures end the process with its exit code. */
export async function runServer(
  argv: readonly string[],
  startOptions: StartOptions = {},
): Promise<void> {
  const options = readOptions(argv)
  const reading = await readConfiguration(options.config, options, { home: homedir(), findFiles })
  if (!reading.ok) return leave(EXIT_CONFIGURATION, describeProblems(reading.problems))
  const early = noteSignals()
  const orchestrator = await start(reading, startOptions)
  if (orchestrator) stopOnSignal(orchestrator, options.stopInstances, early())
}

function readOptions(argv: readonly string[]): Options {
  const program = new Command('server.js')
    .description(
      'Runs a team of Claude Code instances toward the PROJECT_DIRECTION.md of a repository.',
    )
    .requiredOption('--config <dir>', 'directory that holds orchestrator.json')
    .option('--state <dir>', 'where the server keeps its state')
    .option('--port <number>', 'port of the server; 0 takes a free one', asPort)
    .option('--host <address>', 'address of the operator’s surface')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent')
    .option('--stop-instances', 'when the server stops, stop the instances too', false)
    .exitOverride()
  try {
    return program.parse([...argv]).opts<Options>()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE)
    throw error
  }
}

function asPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return port
}

async function start(
  { configuration }: Extract<Reading, { ok: true }>,
  startOptions: StartOptions,
): Promise<Orchestrator | null> {
  let directory: StateDirectory | null = null
  try {
    directory = openStateDirectory(configuration.stateDirectory)
    return await startOrchestrator(configuration, directory, startOptions)
  } catch (error) {
    if (directory?.isNew) rmSync(directory.path, { recursive: true, force: true })
    leave(
      error instanceof UnusableConfiguration ||
        error instanceof OutdatedTool ||
        error instanceof RefusedSetting
        ? EXIT_CONFIGURATION
        : EXIT_FAILURE,
      `${reasonOf(error)}\n`,
    )
    return null
  }
}

/**
 * Remembers a signal that arrives during the start, until the server can stop in order; a second
 * signal ends the process. The returned function stops listening and returns the signal.
 */
function noteSignals(): () => NodeJS.Signals | null {
  let first: NodeJS.Signals | null = null
  const note = (signal: NodeJS.Signals): void => {
    if (first !== null) process.exit(EXIT_FAILURE)
    first = signal
  }
  process.on('SIGINT', note)
  process.on('SIGTERM', note)
  return () => {
    process.off('SIGINT', note)
    process.off('SIGTERM', note)
    return first
  }
}

/**
 * The first signal waits for the running work, the second one ends the process at once. Either way
 * everything that matters is on disk already.
 */
function stopOnSignal(
  orchestrator: Orchestrator,
  stopInstances: boolean,
  early: NodeJS.Signals | null,
): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(EXIT_FAILURE)
    isStopping = true
    orchestrator.log.info(
      { signal },
      stopInstances ? 'stopping, with the instances' : 'stopping; the instances keep running',
    )
    drain(orchestrator, stopInstances, () => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  if (early !== null) stop(early)
  void orchestrator.damaged.then((damage) => {
    if (isStopping) return
    isStopping = true
    orchestrator.log.fatal({ reason: damage.message }, 'stopping; the instances keep running')
    drain(orchestrator, false, () => leave(EXIT_FAILURE, `${damage.message}\n`))
  })
}

function drain(orchestrator: Orchestrator, stopInstances: boolean, end: () => void): void {
  const timer = setTimeout(end, drainMs)
  void orchestrator.close({ stopInstances }).then(
    () => {
      clearTimeout(timer)
      end()
    },
    (error: unknown) => leave(EXIT_FAILURE, `stopping failed: ${reasonOf(error)}\n`),
  )
}

function leave(code: number, message: string): void {
  process.stderr.write(message)
  process.exitCode = code
  process.exit()
}
