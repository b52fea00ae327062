import { fileURLToPath } from 'node:url'
import { GitPluginError, simpleGit } from 'simple-git'
import type { Environment } from './environment.ts'
import {
  describeLimit,
  type ExceededLimit,
  exceededLimit,
  hubLimits,
  type Limits,
  limitVariables,
  stderrBytes,
} from './limits.ts'
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

/** Used as the exit code of a git that a signal ended. */
export const endedBySignal = -1

export type Git = (args: readonly string[], call?: Call) => Promise<Answer>

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

/**
 * Git in the hub. When a command fails at a lock whose owner is dead, the lock is removed and the
 * command is run once more.
 */
export function createGit(hub: string, hubEnvironment: Environment): Git {
  const run = runIn(hub, hubEnvironment)
  const underWay = new Set<Beginning>()
  const mayBeHeld = (madeAt: number) => [...underWay].some((began) => mayHold(began, madeAt))
  const attempt: Git = async (args, call) => {
    const own = beginning()
    underWay.add(own)
    try {
      return await run(args, call)
    } finally {
      underWay.delete(own)
    }
  }
  return (args, call) =>
    attempt(args, call).catch(async (error: unknown) => {
      if (!(error instanceof GitFailure) || !(await removeDeadLock(hub, error.stderr, mayBeHeld)))
        throw error
      return attempt(args, call)
    })
}

/**
 * Runs git in the hub. Every call needs a new simple-git, because input, exit code and time limit
 * are settings of its instance. simple-git waits 50 ms after a command that printed nothing, so
 * commands on a hot path are ones that print. GIT_DIR keeps git from using a repository above a
 * damaged hub.
 */
function runIn(hub: string, hubEnvironment: Environment): Git {
  return async (args, call = {}) => {
    const scrub = call.scrub ?? ((text) => text)
    const limits = call.limits ?? hubLimits
    const environment = {
      ...(call.environment ?? hubEnvironment),
      GIT_DIR: hub,
      ...limitVariables(limits),
    }
    const said = { exitCode: endedBySignal, stdout: Buffer.alloc(0), stderr: '' }
    const [tooMuch, beganAt] = [new AbortController(), performance.now()]
    const git = simpleGit({
      baseDir: hub,
      config: [...hubConfig, ...(call.config ?? [])],
      allowEnvironment: Object.keys(environment),
      unsafe: allowedHere,
      binary: ['/bin/sh', limitedGit],
      abort: tooMuch.signal,
      timeout: { block: limits.silenceMs },
      input: () => call.input,
      errors: (error, result) => {
        said.exitCode = result.exitCode ?? endedBySignal
        if (!tooMuch.signal.aborted) said.stdout = Buffer.concat(result.stdOut)
        said.stderr = scrub(withoutStack(Buffer.concat(result.stdErr).toString().trim()))
        return error instanceof GitPluginError ? error : undefined
      },
    })
      .env(environment)
      .outputHandler((_, stdout, stderr) => {
        bound(stdout, limits.outputBytes, tooMuch)
        bound(stderr, stderrBytes, tooMuch)
      })
    const fail = (cause?: Error): GitFailure => {
      const failure = new GitFailure(args, said, cause)
      const exceeded: ExceededLimit | null = tooMuch.signal.aborted
        ? 'output'
        : exceededLimit(limits, {
            isKilled: said.exitCode === endedBySignal,
            stderr: said.stderr,
            elapsedMs: performance.now() - beganAt,
          })
      return exceeded === null
        ? failure
        : new LimitExceeded(failure, args, describeLimit(limits, exceeded))
    }
    await git.raw([...args]).catch((cause: unknown) => {
      throw fail(cause instanceof Error ? cause : undefined)
    })
    if (said.exitCode !== 0 && !call.answers?.includes(said.exitCode)) throw fail()
    return { ...said, text: said.stdout.toString().replace(/\n$/, '') }
  }
}

/** Ends git when a stream brings more than this: all of it is kept in memory. */
function bound(stream: NodeJS.ReadableStream, bytes: number, tooMuch: AbortController): void {
  let left = bytes
  stream.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0 && !tooMuch.signal.aborted) tooMuch.abort()
  })
}

/** When git cannot be started, simple-git puts the error with its stack in place of stderr. */
const withoutStack = (text: string): string => text.replaceAll(/\n\s+at .*/g, '')

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

/**
 * simple-git refuses the settings above, and the operator's settings for the origin, unless each
 * kind is allowed.
 */
const allowedHere = {
  allowUnsafeHooksPath: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeUrlRewrite: true,
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeCustomBinary: true,
}

const limitedGit = fileURLToPath(new URL('./limited-git.sh', import.meta.url))
