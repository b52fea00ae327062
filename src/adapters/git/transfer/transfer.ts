import { type InstanceId, type TaskId, taskBranch } from '../../../core/model/ids.ts'
import type { Environment } from '../command/environment.ts'
import { type Call, GitFailure, LimitExceeded } from '../command/git.ts'
import { endedBySignal } from '../command/invocation.ts'
import { hubLimits } from '../command/limits.ts'
import { stderrHints } from '../command/stderr-hints.ts'

/** What a transfer from a worker may use. */
export interface TransferLimits {
  /** The largest pack. */
  readonly fileBytes: number
  readonly seconds: number
}

/** Objects are checked, and size, time and memory are limited. */
export const transferCall = (environment: Environment, limits: TransferLimits): Call => ({
  environment,
  config: ['fetch.fsckObjects=true', 'core.bigFileThreshold=16m'],
  // The clock's time: a command that reaches into an instance may wait for it.
  limits: {
    ...limits,
    memoryBytes: hubLimits.memoryBytes,
    outputBytes: hubLimits.outputBytes,
    silenceMs: limits.seconds * 2_000,
  },
})

/** git-remote-ext(1): a space separates arguments, `% ` is a space and `%%` a percent sign. */
export function extAddress(argv: readonly string[]): string {
  if (argv.length === 0 || argv.includes(''))
    throw new Error('an upload-pack command with an empty argument cannot be given to git')
  return `ext::${argv.map((argument) => argument.replaceAll('%', '%%').replaceAll(' ', '% ')).join(' ')}`
}

/** Why a branch cannot be fetched. Rethrows failures that the branch did not cause. */
export function reasonForTransfer(
  error: unknown,
  { instance, task }: { readonly instance: InstanceId; readonly task: TaskId },
  limits: TransferLimits,
): string {
  const branch = taskBranch(task)
  if (error instanceof LimitExceeded) return tooMuchToRead(branch, error)
  const failure = `taking in ${branch} of ${instance} failed`
  if (error instanceof GitFailure && error.exitCode === endedBySignal) {
    throw new Error(`${failure}: not done after ${limits.seconds} s`, { cause: error })
  }
  const { line, remedy } = stderrHints(error instanceof GitFailure ? error.stderr : String(error), [
    [
      /couldn't find remote ref/,
      `there is no branch ${branch} in your workspace: commit your work on ${branch}`,
    ],
    [
      /file too large/i,
      `${branch} brings more than ${mebibytes(limits.fileBytes)} MiB: take large files out ` +
        'of its commits',
    ],
    [/shallow/, `your workspace is a shallow clone: run git fetch --unshallow`],
    [brokenObject, `git refuses objects of ${branch}: recreate the branch from intact commits`],
  ])
  if (remedy === null) throw new Error(`${failure}: ${line}`, { cause: error })
  return `${remedy} (${line})`
}

const brokenObject =
  /^error: object [0-9a-f]+: |not send all necessary|missing (?:blob|tree|commit|necessary)|bad (?:object|pack)|index-pack/i

/** For work that git cannot read within the limits of the hub. */
export const tooMuchToRead = (branch: string, { excess }: LimitExceeded): string =>
  `git ${excess} for ${branch}: bring smaller or fewer files, commits and conflicts at a time`

const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0)
