import { type Answer, type Call, type Git, GitFailure } from '../command/git.ts'

/** Fetches exactly one ref; see `fetchRefs`. */
export const fetchRef = (
  git: Git,
  address: string,
  from: string,
  to: string,
  call: Call,
): Promise<void> => fetchRefs(git, address, { [from]: to }, call)

/**
 * Fetches exactly the named refs: no tags, submodules, FETCH_HEAD (it would hold the address) or
 * maintenance. From a shallow repository git moves no ref and reports success; here that is a
 * failure.
 */
export async function fetchRefs(
  git: Git,
  address: string,
  refs: Readonly<Record<string, string>>,
  call: Call,
): Promise<void> {
  const args = [
    'fetch',
    '--verbose',
    '--progress',
    ...justTheseRefs,
    '--end-of-options',
    address,
    ...Object.entries(refs).map(([from, to]) => `+${from}:${to}`),
  ]
  const answer: Answer = await git(args, call)
  if (/shallow roots are not allowed|\[rejected\]/.test(answer.stderr))
    throw new GitFailure(args, answer)
}

/**
 * Whether a repository has a commit, on a branch or not; null where it does not say. `git` sees no
 * object of its own. A repository answers for any object by protocol 2, which git speaks since
 * 2.26; what a push has brought counts once its hooks have accepted it.
 */
export async function hasCommit(
  git: Git,
  address: string,
  commit: string,
  call: Call,
): Promise<boolean | null> {
  const little = ['--depth=1', '--filter=tree:0', '--progress']
  const ref = `+${commit}:refs/incoming/asked`
  try {
    await git(['fetch', ...little, ...justTheseRefs, '--end-of-options', address, ref], call)
    return true
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    if (/unadvertised object/.test(error.stderr)) return null
    if (/not our ref/.test(error.stderr)) return false
    throw error
  }
}

const justTheseRefs = [
  '--no-tags',
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
]
