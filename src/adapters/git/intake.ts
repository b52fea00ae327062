import { Commit, type InstanceId, type TaskId, taskBranch } from '../../core/model/ids.ts'
import type { IntakeOutcome } from '../../ports/repository.ts'
import type { Environment } from './environment.ts'
import { fetchRefs } from './fetch.ts'
import { type ResourceLimits, type Call, endedBySignal, type Git, GitFailure } from './git.ts'
import { branchRef, contains, earlierRef, findRef, instanceRef, setRef, taskRef } from './refs.ts'
import { stderrHints } from './stderr-hints.ts'

export interface IntakeRules {
  readonly target: string
  readonly limits: ResourceLimits
  readonly environment: Environment
}

export interface Intake {
  readonly instance: InstanceId
  readonly task: TaskId
  readonly uploadPack: readonly string[]
}

/**
 * Fetches a task's branch. `uploadPack` opens the worker's repository on the worker's side of the
 * boundary. Here only its answer is read: the branch and what `workspace ready` kept of its
 * earlier tips, objects checked, within the resource limits.
 */
export async function takeIn(git: Git, rules: IntakeRules, intake: Intake): Promise<IntakeOutcome> {
  const ref = instanceRef(intake.instance, intake.task)
  let earlier: readonly Commit[]
  try {
    earlier = await fetchBranch(git, rules, intake, ref)
  } catch (error) {
    return { type: 'refused', reason: reasonFor(error, intake, rules.limits) }
  }
  const { target } = rules
  const { text } = await git(['rev-list', '--boundary', ref, `^${branchRef(target)}`])
  const lines = text.split('\n').filter((line) => line !== '')
  const commits = lines.filter((line) => !line.startsWith('-'))
  const tip = commits[0]
  const branch = taskBranch(intake.task)
  if (tip === undefined)
    return {
      type: 'refused',
      reason: `${branch} has no commit that ${target} lacks: commit your work on ${branch}`,
    }
  if (commits.length === lines.length) {
    return {
      type: 'refused',
      reason:
        `${branch} shares no history with ${target}: start it from ${target} and bring ` +
        'your commits there',
    }
  }
  const lacking = await lackingIn(git, Commit(tip), earlier, intake.task)
  if (lacking.length > 0) {
    const examples = lacking.slice(0, 3).join('; ')
    const newest = lacking.at(-1)?.split(' ', 1)[0] ?? ''
    return {
      type: 'refused',
      reason:
        `${branch} lacks ${lacking.length} commits that were handed in before (${examples}): ` +
        `take them into your branch with git merge ${newest}`,
    }
  }
  await setRef(git, taskRef(intake.task), Commit(tip))
  return { type: 'taken-in', commit: Commit(tip), commits: commits.length, earlier }
}

/**
 * Fetches the branch into `ref`. Returns its earlier tips, newest first: the parents of the commit
 * that `workspace ready` makes of them. They only help to judge the report, so that the branch
 * counts alone where they cannot be fetched, for instance because they hold a file that is too
 * large.
 */
async function fetchBranch(
  git: Git,
  rules: IntakeRules,
  { instance, task, uploadPack }: Intake,
  ref: string,
): Promise<readonly Commit[]> {
  const address = extAddress(uploadPack)
  const branch = { [branchRef(taskBranch(task))]: ref }
  const kept = earlierRef(instance, task)
  try {
    await fetchRefs(git, address, { ...branch, [offeredEarlier(task)]: kept }, limited(rules))
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === endedBySignal) throw error
    await fetchRefs(git, address, branch, limited(rules))
    return []
  }
  const { text } = await git(['rev-list', '--parents', '--max-count=1', kept])
  return text
    .split(' ')
    .slice(1, 1 + maxEarlier)
    .map(Commit)
}

/** The ref that `docker/tools/workspace` offers. */
const offeredEarlier = (task: TaskId): string => `refs/worktree/earlier/${task}`

/** As many as `docker/tools/workspace` offers. */
const maxEarlier = 8

/**
 * Commits reported before that are missing from the branch, both as they were and as the same
 * change (as after a rebase). A branch that held them before it was rewritten, by an amended
 * commit for instance, lacks none: its worker knew them.
 */
async function lackingIn(
  git: Git,
  tip: Commit,
  earlier: readonly Commit[],
  task: TaskId,
): Promise<readonly string[]> {
  const before = await findRef(git, taskRef(task))
  if (before === null || (await contains(git, tip, before))) return []
  for (const former of earlier) if (await contains(git, former, before)) return []
  const { text } = await git(['cherry', '-v', tip, before])
  return text.split('\n').flatMap((line) => (line.startsWith('+ ') ? [line.slice(2, 200)] : []))
}

/** Objects are checked, a pack stays a pack, and size and time are limited. */
export const limited = ({ environment, limits }: IntakeRules): Call => ({
  environment,
  config: ['fetch.fsckObjects=true', 'fetch.unpackLimit=1', 'core.bigFileThreshold=16m'],
  limits: limits,
})

/** git-remote-ext(1): a space separates arguments, `% ` is a space and `%%` a percent sign. */
export function extAddress(argv: readonly string[]): string {
  if (argv.length === 0 || argv.includes(''))
    throw new Error('an upload-pack command with an empty argument cannot be given to git')
  return `ext::${argv.map((argument) => argument.replaceAll('%', '%%').replaceAll(' ', '% ')).join(' ')}`
}

/** Rethrows failures that the branch did not cause. */
function reasonFor(error: unknown, { instance, task }: Intake, limits: ResourceLimits): string {
  const branch = taskBranch(task)
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

const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0)
