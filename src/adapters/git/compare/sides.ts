import type { Commit } from '../../../core/model/ids.ts'
import type { ReportedWork } from '../../../ports/repository.ts'
import type { Git } from '../command/git.ts'
import type { FormerHistory } from '../history/former-record.ts'
import { commitsBeyond, commonAncestor, contains, findRef } from '../objects/refs.ts'

/**
 * One way to look at a report: what others changed between `base` and the target, and how the
 * worker's own side read before both came together. The first side is the target as it was when
 * the work began, where base and own side are the same.
 */
export interface Side {
  readonly base: Commit
  readonly own: Commit
}

/** At most this many sides are looked at, the newest first. */
const maxSides = 16
const maxMerges = 4

/** What others changed since the work began, as each version of the work shows it. */
export async function sidesOf(
  git: Git,
  others: Commit,
  { commit, base, earlier }: ReportedWork,
  reached: Commit,
): Promise<readonly Side[]> {
  const owns = [...new Set([...(await mergedSides(git, others, commit)), ...earlier])]
  const sides = await Promise.all(
    [base, ...owns.slice(0, maxSides)].map(async (own): Promise<Side | null> => {
      if (own === null || own === reached) return null
      // A tip from before a rewrite may be gone; any other failure of git fails the check.
      if ((await findRef(git, own)) === null) return null
      const left = await commonAncestor(git, own, reached)
      if (left === null || left === reached) return null
      return { base: left, own: own === base ? left : own }
    }),
  )
  return sides.filter((side) => side !== null)
}

/**
 * What a person removed from the origin after the work began: a squash brings it back without any
 * of its commits. Such work began on a former history, which may be a part of the present one. What
 * counts is what the target has now and would have with the work: the work may have left the target
 * before it had what the person kept.
 */
export async function removedSides(
  git: Git,
  formers: readonly FormerHistory[],
  { base }: ReportedWork,
): Promise<readonly Side[]> {
  const [last] = formers
  if (last === undefined || (base !== null && !(await contains(git, last.commit, base)))) return []
  return formers.map(({ before }) => ({ base: before, own: before }))
}

/** The worker's own side of each merge of the others' commits into its branch. */
async function mergedSides(git: Git, others: Commit, commit: Commit): Promise<readonly Commit[]> {
  const { commits } = await commitsBeyond(git, commit, others)
  const ofBranch = new Set(commits.map(({ id }) => id))
  return commits
    .filter(({ parents }) => parents.some((parent) => !ofBranch.has(parent)))
    .flatMap(({ parents }) => parents.filter((parent) => ofBranch.has(parent)))
    .slice(0, maxMerges)
}
