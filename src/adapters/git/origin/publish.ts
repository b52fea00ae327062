import type { Commit } from '../../../core/model/ids.ts'
import type { PublishOutcome } from '../../../ports/repository.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { acceptedHead, beginPush, findPush, forgetPush, recordPush } from './accepted-head.ts'
import { explain, type Origin, remedies } from './origin.ts'
import {
  branchRef,
  contains,
  findRef,
  publishedRef,
  resolveRef,
  setRef,
  upstreamRef,
} from '../objects/refs.ts'
import { type Remedy, stderrHints } from '../command/stderr-hints.ts'

/** Pushes the target to a branch of the origin. Any obstacle there is a refusal, not an error. */
export async function publish(
  git: Git,
  target: string,
  origin: Origin,
  branch: string,
): Promise<PublishOutcome> {
  const commit = await resolveRef(git, branchRef(target))
  try {
    if (branch === target) return await publishTarget(git, target, origin, commit)
    await push(git, origin, branch, commit)
    await setRef(git, publishedRef(branch), commit)
    return { type: 'published', commit }
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    return refusal(error, origin, target, branch)
  }
}

/**
 * Where others merge, too, the push expects what was seen there: it neither overwrites nor brings
 * back anything. What is not known of an earlier push the next fetch finds out.
 */
async function publishTarget(
  git: Git,
  target: string,
  origin: Origin,
  commit: Commit,
): Promise<PublishOutcome> {
  if ((await findPush(git, target)) !== null)
    return unknown('the answer to an earlier push is lost')
  const seen = await acceptedHead(git, target)
  if (!(await contains(git, commit, seen))) return behind(target)
  await beginPush(git, target, commit)
  try {
    await push(git, origin, target, commit, [`--force-with-lease=${branchRef(target)}:${seen}`])
  } catch (error) {
    if (error instanceof GitFailure && mayHaveArrived(error))
      return unknown(explain(error, `pushing to ${target} of ${origin.shown}`).message)
    await forgetPush(git, target)
    throw error
  }
  await recordPush(git, target, commit)
  return { type: 'published', commit }
}

async function push(
  git: Git,
  origin: Origin,
  branch: string,
  commit: Commit,
  expecting: readonly string[] = [],
): Promise<void> {
  const args = [
    'push',
    '--porcelain',
    '--progress',
    '--no-verify',
    '--no-follow-tags',
    '--no-signed',
    '--recurse-submodules=no',
    ...expecting,
  ]
  await git([...args, '--end-of-options', origin.address, `${commit}:${branchRef(branch)}`], {
    ...origin.call,
    limits: origin.pushLimits,
  })
}

/**
 * The origin was sent everything, and did not refuse it. Git's own words for a push that the origin
 * ended without an answer are `[remote failure]`.
 */
const mayHaveArrived = ({ stdout, stderr }: GitFailure): boolean =>
  !/^!\t[^\t]*\t\[(remote )?rejected\]/m.test(stdout) &&
  /Writing objects: 100%|Total \d/.test(stderr)

const unknown = (what: string): PublishOutcome => ({
  type: 'refused',
  reason: `${what}; it may have arrived`,
  moved: true,
})

const behind = (target: string): PublishOutcome => ({
  type: 'refused',
  reason: `others pushed to ${target} meanwhile`,
  moved: true,
})

/** Commits of the target that neither the last fetch nor the last push showed at the origin. */
export async function countUnpublished(git: Git, target: string, branch: string): Promise<number> {
  const known = [await findRef(git, upstreamRef(target)), await findRef(git, publishedRef(branch))]
  const lacking = known.flatMap((commit) => (commit === null ? [] : [`^${commit}`]))
  const { text } = await git(['rev-list', '--count', branchRef(target), ...lacking])
  return Number(text)
}

function refusal(
  error: GitFailure,
  origin: Origin,
  target: string,
  branch: string,
): PublishOutcome {
  const what = `pushing to ${branch} of ${origin.shown}`
  const rejected = /^!\t[^\t]*\t(.*)$/m.exec(error.stdout)?.[1]
  if (rejected === undefined)
    return { type: 'refused', reason: explain(error, what).message, moved: false }
  if (/fetch first|non-fast-forward|stale info/.test(rejected) || overtaken.test(error.stderr)) {
    if (branch === target) return behind(target)
    const reason =
      `${branch} of the origin has commits that we lack: delete it there or set another branch to ` +
      'publish to'
    return { type: 'refused', reason, moved: false }
  }
  const { line, remedy } = stderrHints(`${error.stderr}\n${rejected}`, denials)
  return {
    type: 'refused',
    reason: `${what} was refused: ${line}${remedy === null ? '' : `; ${remedy}`}`,
    moved: false,
  }
}

/** Two pushes arrived at the same moment, and the origin took the other one. */
const overtaken = /cannot lock ref \S+: is at [0-9a-f]+ but expected/

const denials: readonly Remedy[] = [
  [
    /checked out/,
    'check out another branch there, use a bare repository, or publish to a branch of its own',
  ],
  [/no space left on device|quota exceeded/i, 'free space at the origin'],
  [
    /protected|GH006|GH013|not allowed|hook declined/i,
    'allow the server to push there, or publish to a branch of its own',
  ],
  ...remedies,
]
