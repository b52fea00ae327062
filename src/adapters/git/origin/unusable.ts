import type { Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'
import { fetchBranchIfThere, type Origin } from './origin.ts'
import { deleteRef, draftRef } from '../objects/refs.ts'

interface Place {
  readonly target: string
  readonly publishTo: string | null
  readonly origin: Origin
}

/** Throws, with the way out, for what would fail only after the team has worked for hours. */
export async function refuseUnusable(git: Git, head: Commit, place: Place): Promise<void> {
  await refuseLargeFileStorage(git, head, place)
  await refuseForeignCommits(git, head, place)
}

/**
 * Only git's own objects are taken in from workers and pushed: those of Git LFS would stay behind,
 * and the origin would have pointers to nothing.
 */
async function refuseLargeFileStorage(
  git: Git,
  head: Commit,
  { target, origin }: Place,
): Promise<void> {
  const { text: names } = await git(['ls-tree', '-r', '-z', '--name-only', '--full-tree', head])
  const files = names.split('\0').filter((name) => /(?:^|\/)\.gitattributes$/.test(name))
  if (files.length === 0) return
  const { text } = await git(
    ['grep', '--name-only', '-E', '-e', usesLargeFiles, head, '--', ...files.slice(0, 1_000)],
    { answers: [1] },
  )
  const [first] = text.split('\n')
  if (first === undefined || first === '') return
  const path = first.slice(first.indexOf(':') + 1)
  throw new Error(
    `${target} of ${origin.shown} keeps files in Git LFS (${path}), which are not carried: ` +
      'start from a branch without it (git lfs migrate export --include="*" makes one)',
  )
}

const usesLargeFiles = '^[^#].*[[:space:]]filter=lfs([[:space:]]|$)'

/**
 * A branch that others push to, or that an earlier run left when its pull request was squashed,
 * refuses every push, since none is forced.
 */
export async function refuseForeignCommits(
  git: Git,
  head: Commit,
  { target, publishTo, origin }: Place,
): Promise<void> {
  if (publishTo === null || publishTo === target) return
  const ref = draftRef('published-before')
  if (!(await fetchBranchIfThere(git, origin, publishTo, ref))) return
  const { text: lacking } = await git(['rev-list', '--count', ref, `^${head}`])
  await deleteRef(git, ref)
  if (lacking === '0') return
  throw new Error(
    `${publishTo} of ${origin.shown} has ${lacking} commits that ${target} lacks, so every push ` +
      `there would be refused: merge it into ${target}, or delete it ` +
      `(git push ${origin.shown} --delete ${publishTo}), or set another "publishBranch"`,
  )
}
