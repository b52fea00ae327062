import { Commit } from '../../../core/model/ids.ts'
import type { FormerHistory } from './former-record.ts'
import type { Git } from '../command/git.ts'
import { readTips } from './tips.ts'

/**
 * Commits of former histories that the commit contains and the target lacks, newest first. The
 * newest history contains all before it. `head`: of the target.
 */
export async function removedIn(
  git: Git,
  head: Commit,
  commit: Commit,
  newest: FormerHistory,
): Promise<readonly Commit[]> {
  const added = await listCommits(git, [commit, `^${head}`])
  const own = new Set(await listCommits(git, [commit, `^${head}`, `^${newest.commit}`]))
  return added.filter((each) => !own.has(each))
}

/** The ref of the former history of which the commit contains commits; null when it has none. */
export async function formerHistoryIn(
  git: Git,
  target: string,
  commit: Commit,
): Promise<string | null> {
  const { head, formers } = await readTips(git, target)
  const [newest] = formers
  if (newest === undefined) return null
  return (await removedIn(git, head, commit, newest)).length > 0 ? newest.former : null
}

async function listCommits(git: Git, range: readonly string[]): Promise<readonly Commit[]> {
  const { text } = await git(['rev-list', ...range])
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Commit)
}
