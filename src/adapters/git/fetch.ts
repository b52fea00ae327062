import { type Answer, type Call, type Git, GitFailure } from './git.ts'

/**
 * Fetches exactly one ref: no tags, submodules, FETCH_HEAD (it would hold the address) or
 * maintenance. From a shallow repository git moves no ref and reports success; here that is a
 * failure.
 */
export async function fetchRef(
  git: Git,
  address: string,
  from: string,
  to: string,
  call: Call,
): Promise<void> {
  const args = [
    'fetch',
    '--verbose',
    '--progress',
    ...justThisRef,
    '--end-of-options',
    address,
    `+${from}:${to}`,
  ]
  const answer: Answer = await git(args, call)
  if (/shallow roots are not allowed|\[rejected\]/.test(answer.stderr))
    throw new GitFailure(args, answer)
}

const justThisRef = [
  '--no-tags',
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
]
