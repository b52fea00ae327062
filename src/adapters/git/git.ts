import { fileURLToPath } from 'node:url'
import { GitPluginError, simpleGit } from 'simple-git'
import type { Environment } from './environment.ts'
import { removeDeadLock } from './locks.ts'

export interface Call {
  readonly input?: string
  /** Exit codes besides 0 that are an answer and no failure. */
  readonly answers?: readonly number[]
  readonly config?: readonly string[]
  /** Replaces the hub's own. */
  readonly environment?: Environment
  /** Ended after so long without a byte of output. */
  readonly silenceMs?: number
  readonly cage?: ResourceLimits
  /** Takes secrets out of what git says before anybody sees it. */
  readonly scrub?: (text: string) => string
}

/** What git may use up when the other side is not to be trusted. */
export interface ResourceLimits {
  /** No file that git writes grows beyond it. */
  readonly fileBytes: number
  /** After so long git and all that it started is killed. */
  readonly seconds: number
}

export interface Answer {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
  /** Stdout as text, without the last line's end. */
  readonly text: string
}

/** Stands for the exit code that there is not. */
export const endedBySignal = -1

export type Git = (args: readonly string[], call?: Call) => Promise<Answer>

export class GitFailure extends Error {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string

  constructor(args: readonly string[], said: Omit<Answer, 'text'>, cause?: Error) {
    super(
      `git ${args[0]} failed (exit ${said.exitCode}): ${said.stderr || (cause?.message ?? 'no reason given')}`,
      { cause },
    )
    this.exitCode = said.exitCode
    this.stdout = said.stdout.toString()
    this.stderr = said.stderr
  }
}

/** Git in the hub. A lock that a command finds in its way is taken away if its owner is dead, and the command is run once more. */
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
 * Runs git in the hub. A new simple-git for every call, because input, exit code and time limit are settings of the
 * instance there. It waits 50 ms after a command that printed nothing, so commands on a hot path are such as print.
 * GIT_DIR keeps git from looking for another repository above a damaged hub.
 */
function runIn(hub: string, hubEnvironment: Environment): Git {
  return async (args, call = {}) => {
    const scrub = call.scrub ?? ((text) => text)
    const environment = {
      ...(call.environment ?? hubEnvironment),
      GIT_DIR: hub,
      ...limits(call.cage),
    }
    const said = { exitCode: endedBySignal, stdout: Buffer.alloc(0), stderr: '' }
    const git = simpleGit({
      baseDir: hub,
      config: [...hubConfig, ...(call.config ?? [])],
      allowEnvironment: Object.keys(environment),
      unsafe: allowedHere,
      ...(call.cage === undefined ? {} : { binary: ['sh', cagedGit] }),
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

/** When git cannot be started at all, simple-git puts the error with its stack where git would have spoken. */
const withoutStack = (text: string): string => text.replaceAll(/\n\s+at .*/g, '')

/** Nothing is ever pruned, since workspaces borrow the hub's objects; every object and ref is on the disk before git answers. */
const hubConfig = [
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.fsync=all',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
]

/** The settings above and the operator's way to the origin; simple-git refuses them unless told that they are meant. */
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

const cagedGit = fileURLToPath(new URL('./limited-git.sh', import.meta.url))

/** `ulimit -f` counts blocks of 512 bytes in a POSIX shell. */
function limits(cage: ResourceLimits | undefined): Environment {
  return cage === undefined
    ? {}
    : {
        FILE_LIMIT_BLOCKS: String(Math.ceil(cage.fileBytes / 512)),
        TIME_LIMIT_SECONDS: String(cage.seconds),
      }
}
