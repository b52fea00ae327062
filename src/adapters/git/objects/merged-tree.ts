import type { Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'

/** The merged tree; files in conflict contain conflict markers. */
export async function mergeTrees(
  git: Git,
  ours: Commit,
  theirs: Commit,
): Promise<{ tree: string; conflicts: readonly string[] }> {
  const { text } = await git(
    ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs],
    { answers: [1] },
  )
  const [tree = '', ...conflicts] = text.split('\0').filter((part) => part !== '')
  return { tree, conflicts }
}
