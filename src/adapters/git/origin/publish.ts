import type { PublishOutcome } from '../../../ports/repository.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { explain, type Origin, remedies } from './origin.ts'
import {
  acceptedRef,
  branchRef,
  contains,
  findRef,
  publishedRef,
  resolveRef,
  setRefs,
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
  const args = [
    'push',
    '--porcelain',
    '--progress',
    '--no-verify',
    '--no-follow-tags',
    '--no-signed',
    '--recurse-submodules=no',
  ]
  // Where others merge, too, the push expects what was seen there: it neither overwrites nor brings
  // back anything.
  const seen = branch === target ? await findRef(git, acceptedRef(target)) : null
  if (seen !== null && !(await contains(git, commit, seen))) return behind(target)
  if (seen !== null) args.push(`--force-with-lease=${branchRef(branch)}:${seen}`)
  try {
    await git([...args, '--end-of-options', origin.address, `${commit}:${branchRef(branch)}`], {
      ...origin.call,
      limits: origin.pushLimits,
    })
    const accepted = branch === target ? { [acceptedRef(target)]: commit } : {}
    await setRefs(git, { [publishedRef(branch)]: commit, ...accepted })
    return { type: 'published', commit }
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    return refusal(error, origin, target, branch)
  }
}

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
  if (/fetch first|non-fast-forward|stale info/.test(rejected)) {
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
