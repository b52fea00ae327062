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

const justTheseRefs = [
  '--no-tags',
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
]
