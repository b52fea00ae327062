import type { Commit } from '../../../core/model/ids.ts'
import type { OwnChanges } from '../../../ports/repository.ts'
import type { WriteDraft } from '../objects/commit-builder.ts'
import type { Git } from '../command/git.ts'
import { headAndTree, writes } from './merge.ts'
import { branchRef, moveRef, treeOf } from '../objects/refs.ts'

/** If the target moved meanwhile, that move is kept and the files are written onto it. */
export async function commitFiles(
  git: Git,
  target: string,
  write: WriteDraft,
  files: OwnChanges,
  message: string,
): Promise<Commit> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { head, tree } = await headAndTree(git, target)
    const commit = await write({ name: 'files', parents: [head], changes: writes(files), message })
    if ((await treeOf(git, commit)) === tree) return head
    if (await moveRef(git, branchRef(target), commit, head)) return commit
  }
  throw new Error(
    `${target} moved ${maxTries} times while ${Object.keys(files).join(', ')} was to be committed`,
  )
}

/** The target has one writer, so even a second attempt is rare. */
const maxTries = 20
