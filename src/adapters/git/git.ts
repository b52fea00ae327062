import { fileURLToPath } from 'node:url'
import { GitPluginError, simpleGit } from 'simple-git'
import type { Environment } from './environment.ts'
import { removeDeadLock } from './locks.ts'

export interface Call {
  readonly input?: string
  /** Exit codes besides 0 that are an answer, not a failure. */
  readonly answers?: readonly number[]
  readonly config?: readonly string[]
  /** Replaces the hub's environment. */
  readonly environment?: Environment
  /** Git is ended after this time without output. */
  readonly silenceMs?: number
  readonly limits?: ResourceLimits
  /** Removes secrets from git's stderr before it is used anywhere. */
  readonly scrub?: (text: string) => string
}

/** Limits for git when the other side is not trusted. */
export interface ResourceLimits {
  /** No file that git writes grows beyond this size. */
  readonly fileBytes: number
  /** After this time git and every process that it started are killed. */
  readonly seconds: number
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

/**
 * Git in the hub. When a command fails at a lock whose owner is dead, the lock is removed and the
 * command is run once more.
 */
export function createGit(hub: string, hubEnvironment: Environment): Git {
  const run = runIn(hub, hubEnvironment)
  const underWay = new Set<{ readonly since: number }>()
  const attempt: Git = async (args, call) => {
    const own = { since: Date.now() }
    underWay.add(own)
    try {
      return await run(args, call)
    } finally {
      underWay.delete(own)
    }
  }
  return (args, call) =>
    attempt(args, call).catch(async (error: unknown) => {
      if (
        !(error instanceof GitFailure) ||
        !(await removeDeadLock(hub, error.stderr, () => oldestOf(underWay)))
      )
        throw error
      return attempt(args, call)
    })
}

const oldestOf = (underWay: Iterable<{ readonly since: number }>): number =>
  Math.min(...Array.from(underWay, ({ since }) => since))

/**
 * Runs git in the hub. Every call needs a new simple-git, because input, exit code and time limit
 * are settings of its instance. simple-git waits 50 ms after a command that printed nothing, so
 * commands on a hot path are ones that print. GIT_DIR keeps git from using a repository above a
 * damaged hub.
 */
function runIn(hub: string, hubEnvironment: Environment): Git {
  return async (args, call = {}) => {
    const scrub = call.scrub ?? ((text) => text)
    const environment = {
      ...(call.environment ?? hubEnvironment),
      GIT_DIR: hub,
      ...limitVariables(call.limits),
    }
    const said = { exitCode: endedBySignal, stdout: Buffer.alloc(0), stderr: '' }
    const git = simpleGit({
      baseDir: hub,
      config: [...hubConfig, ...(call.config ?? [])],
      allowEnvironment: Object.keys(environment),
      unsafe: allowedHere,
      ...(call.limits === undefined ? {} : { binary: ['sh', limitedGit] }),
      ...(call.silenceMs === undefined ? {} : { timeout: { block: call.silenceMs } }),
      input: () => call.input,
      errors: (error, result) => {
        said.exitCode = result.exitCode ?? endedBySignal
        said.stdout = Buffer.concat(result.stdOut)
        said.stderr = scrub(withoutStack(Buffer.concat(result.stdErr).toString().trim()))
        return error instanceof GitPluginError ? error : undefined
      },
    }).env(environment)
    await git.raw([...args]).catch((cause: unknown) => {
      throw new GitFailure(args, said, cause instanceof Error ? cause : undefined)
    })
    if (said.exitCode !== 0 && !call.answers?.includes(said.exitCode))
      throw new GitFailure(args, said)
    return { ...said, text: said.stdout.toString().replace(/\n$/, '') }
  }
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

/** `ulimit -f` counts blocks of 512 bytes in a POSIX shell. */
function limitVariables(limits: ResourceLimits | undefined): Environment {
  return limits === undefined
    ? {}
    : {
        FILE_LIMIT_BLOCKS: String(Math.ceil(limits.fileBytes / 512)),
        TIME_LIMIT_SECONDS: String(limits.seconds),
      }
}
