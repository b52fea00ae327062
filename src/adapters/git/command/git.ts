import type { Environment } from './environment.ts'
import { GitThread } from './git-thread.ts'
import { type Ended, endedBySignal } from './invocation.ts'
import { describeLimit, exceededLimit, hubLimits, type Limits, limitVariables } from './limits.ts'
import { type Beginning, beginning, mayHold, removeDeadLock } from './locks.ts'

export interface Call {
  readonly input?: string
  /** Exit codes besides 0 that are an answer, not a failure. */
  readonly answers?: readonly number[]
  readonly config?: readonly string[]
  /** Replaces the hub's environment. */
  readonly environment?: Environment
  /** In place of `hubLimits`. */
  readonly limits?: Limits
  /** Removes secrets from git's stderr before it is used anywhere. */
  readonly scrub?: (text: string) => string
}

export interface Answer {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
  /** Stdout as text, without the last line ending. */
  readonly text: string
}

export interface Git {
  (args: readonly string[], call?: Call): Promise<Answer>
  /** Of its repository. */
  readonly directory: string
}

export class GitFailure extends Error {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string

  constructor(args: readonly string[], said: Omit<Answer, 'text'>, cause?: Error) {
    super(
      `git ${args[0]} failed (exit ${said.exitCode}): ` +
        (said.stderr || (cause?.message ?? 'no reason given')),
      { cause },
    )
    this.exitCode = said.exitCode
    this.stdout = said.stdout.toString()
    this.stderr = said.stderr
  }
}

/** Git used more than it may for what it was given to read. Another try would end the same way. */
export class LimitExceeded extends GitFailure {
  /** What git does too much of, after `git <command>`. */
  readonly excess: string

  constructor(failure: GitFailure, args: readonly string[], excess: string) {
    super(args, {
      exitCode: failure.exitCode,
      stdout: Buffer.alloc(0),
      stderr: `it ${excess}${failure.stderr === '' ? '' : ` (${failure.stderr})`}`,
    })
    this.excess = excess
  }
}

/** One for all repositories of the server: it is what has one event loop, too. */
const serversThread = new GitThread()

/**
 * Git in the hub. When a command fails at a lock whose owner is dead, the lock is removed and the
 * command is run once more.
 */
export function createGit(hub: string, hubEnvironment: Environment, thread = serversThread): Git {
  const run = runIn(hub, hubEnvironment, thread)
  const underWay = new Set<Beginning>()
  const mayBeHeld = (madeAt: number) => [...underWay].some((began) => mayHold(began, madeAt))
  const attempt = async (args: readonly string[], call?: Call): Promise<Answer> => {
    const own = beginning()
    underWay.add(own)
    try {
      return await run(args, call)
    } finally {
      underWay.delete(own)
    }
  }
  const patient = (args: readonly string[], call?: Call): Promise<Answer> =>
    attempt(args, call).catch(async (error: unknown) => {
      if (!(error instanceof GitFailure) || !(await removeDeadLock(hub, error.stderr, mayBeHeld)))
        throw error
      return attempt(args, call)
    })
  return Object.assign(patient, { directory: hub })
}

/** GIT_DIR keeps git from using a repository above a damaged hub. */
function runIn(hub: string, hubEnvironment: Environment, thread: GitThread) {
  return async (args: readonly string[], call: Call = {}): Promise<Answer> => {
    const limits = call.limits ?? hubLimits
    const { outputBytes, silenceMs } = limits
    const ending = await thread.run({
      directory: hub,
      args: [...args],
      config: [...hubConfig, ...(call.config ?? [])],
      environment: {
        ...(call.environment ?? hubEnvironment),
        GIT_DIR: hub,
        ...limitVariables(limits),
      },
      input: call.input ?? null,
      outputBytes,
      silenceMs,
    })
    const { exitCode, failure, stdout } = ending
    const stderr = call.scrub?.(ending.stderr) ?? ending.stderr
    const said = { exitCode, stdout: Buffer.from(stdout.buffer), stderr }
    if (failure === null && (exitCode === 0 || call.answers?.includes(exitCode)))
      return { ...said, text: said.stdout.toString().replace(/\n$/, '') }
    const cause = failure === null ? undefined : new Error(failure)
    throw withExcess(new GitFailure(args, said, cause), { ...ending, stderr }, args, limits)
  }
}

/** The failure, or what says that git exceeded a limit. */
function withExcess(
  failure: GitFailure,
  { exitCode, stderr, elapsedMs, printedTooMuch }: Ended,
  args: readonly string[],
  limits: Limits,
): GitFailure {
  const isKilled = exitCode === endedBySignal
  const exceeded = printedTooMuch
    ? 'output'
    : exceededLimit(limits, { isKilled, stderr, elapsedMs })
  return exceeded === null
    ? failure
    : new LimitExceeded(failure, args, describeLimit(limits, exceeded))
}

/**
 * Nothing is ever pruned, since workspaces borrow the hub's objects. Every object and ref is on the
 * disk before git answers.
 */
const hubConfig = [
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.fsync=all',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
]
