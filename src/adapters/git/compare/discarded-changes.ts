import type { Commit } from '../../../core/model/ids.ts'
import type { ReportedWork } from '../../../ports/repository.ts'
import type { Git } from '../command/git.ts'
import { type ComparedFile, compareLines, linesAddedBy } from './compared-files.ts'
import type { Hunk } from './hunks.ts'
import { distinctiveLines } from './lost-hunks.ts'
import type { FormerHistory } from '../history/former-record.ts'
import { commitsBeyond, commonAncestor, contains, findRef } from '../objects/refs.ts'
import {
  compareWithRenames,
  type FileEntry,
  isRegular,
  isSameEntry,
  type RenamedDifference,
} from './renamed-trees.ts'
import { readTips } from '../history/tips.ts'
import { isTaskList } from '../objects/tree.ts'

/**
 * One way to look at a report: what others changed between `base` and the target, and how the
 * worker's own side read before both came together. The first side is the target as it was when
 * the work began, where base and own side are the same.
 */
interface Side {
  readonly base: Commit
  readonly own: Commit
}

/**
 * Paths that others changed and that read in the report as they did before, as on a side that the
 * worker had: the target when its work began, the other parent of a merge that it made, a tip of
 * its branch before a rewrite. What counts is the content of the report, not how it came to be.
 *
 * The number of git processes does not depend on the size of the work: at most `maxSides` sides,
 * and line by line at most `compareLines` allows.
 */
export async function discardedBy(
  git: Git,
  target: string,
  work: ReportedWork,
): Promise<readonly string[]> {
  const { head, formers } = await readTips(git, target)
  const { origin, earlier } = work
  if (origin === null) return discardedFrom(git, formers, head, work)
  // Each side must be more than the other one, taken whole.
  const ofTarget = await discardedFrom(git, formers, head, {
    ...work,
    earlier: [origin, ...earlier],
  })
  const parted = await commonAncestor(git, head, origin)
  const ofOrigin = await discardedFrom(git, formers, origin, { ...work, base: parted })
  return [...new Set([...ofTarget, ...ofOrigin])].toSorted()
}

async function discardedFrom(
  git: Git,
  formers: readonly FormerHistory[],
  others: Commit,
  work: ReportedWork,
): Promise<readonly string[]> {
  const { commit } = work
  const reached = await commonAncestor(git, others, commit)
  if (reached === null) return []
  const sides = [
    ...(await sidesOf(git, others, work, reached)),
    ...(await removedSides(git, formers, work)),
  ]
  if (sides.length === 0) return []
  const trees = await treesOf(git, [
    reached,
    commit,
    ...sides.flatMap(({ base, own }) => [base, own]),
  ])
  const tree = (one: Commit): string => trees.get(one) ?? ''
  const [since = [], ...changes] = await compareWithRenames(git, [
    [tree(reached), tree(commit)],
    ...sides.flatMap(
      ({ base, own }) =>
        [
          [tree(base), tree(reached)],
          [tree(base), tree(own)],
        ] as const,
    ),
  ])
  const files = sides.flatMap((side, index) =>
    filesOf(side, changes[2 * index] ?? [], changes[2 * index + 1] ?? [], since),
  )
  const compared = await compareLines(
    git,
    files.filter(({ verdict }) => verdict !== 'lost'),
  )
  const byLines = compared.filter(({ file, hunks }) => file.verdict === 'gone' || hunks.length > 0)
  const written = byLines.length === 0 ? null : await linesAddedBy(git, tree(reached), tree(commit))
  const isElsewhere = ({ added }: Hunk): boolean =>
    added.length > 0 && distinctiveLines(added).every((line) => written?.has(line.trim()))
  const lost = [
    ...files.filter(({ verdict }) => verdict === 'lost'),
    ...byLines
      .filter(({ hunks }) => hunks.length === 0 || !hunks.every(isElsewhere))
      .map(({ file }) => file),
  ]
  return [...new Set(lost.map(({ path }) => path))].toSorted()
}

/** At most this many sides are looked at, the newest first. */
const maxSides = 16
const maxMerges = 4

async function sidesOf(
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
 * of its commits. Such work began on a former history, which may be a part of the present one.
 */
async function removedSides(
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

async function treesOf(git: Git, commits: readonly Commit[]): Promise<ReadonlyMap<Commit, string>> {
  const { text } = await git(['rev-parse', ...commits.map((commit) => `${commit}^{tree}`)])
  const trees = text.split('\n')
  return new Map(commits.map((commit, index) => [commit, trees[index] ?? '']))
}

interface FoundFile extends ComparedFile {
  /** `gone`: others added the file, and the report has none; its lines may be elsewhere. */
  readonly verdict: 'lost' | 'gone' | 'compare'
}

/** The files that others changed and that the report has in another version. */
function filesOf(
  { base, own }: Side,
  theirs: readonly RenamedDifference[],
  ours: readonly RenamedDifference[],
  since: readonly RenamedDifference[],
): readonly FoundFile[] {
  const [sinceFrom, sinceTo] = [byPath(since, 'from'), byPath(since, 'to')]
  const [oursFrom, oursTo] = [byPath(ours, 'from'), byPath(ours, 'to')]
  return theirs.flatMap((change): readonly FoundFile[] => {
    const path = change.to ?? change.from ?? ''
    if (isTaskList(path)) return []
    const later = sinceFrom.get(path) ?? (change.to === null ? sinceTo.get(path) : undefined)
    if (later === undefined) return []
    const mine =
      change.from === null ? oursTo.get(path)?.after : changed(oursFrom, change.from, change.before)
    const entries = {
      base: change.before,
      target: change.after,
      own: base === own ? change.before : (mine ?? null),
      report: reportedAs(change, later),
    }
    const isMovedBack =
      change.from !== null && change.from !== change.to && sinceTo.has(change.from)
    const verdict = isMovedBack ? 'lost' : verdictOn(entries, base === own)
    return verdict === 'kept' ? [] : [{ path, entries, verdict }]
  })
}

/** A file that others added is found again under another path only if it hardly changed. */
function reportedAs(change: RenamedDifference, later: RenamedDifference): FileEntry | null {
  return change.before === null && later.similarity < 90 ? null : later.after
}

function verdictOn(
  { base, target, own, report }: ComparedFile['entries'],
  isFirst: boolean,
): FoundFile['verdict'] | 'kept' {
  if (isSameEntry(report, target)) return 'kept'
  if (isSameEntry(report, base)) return report === null && isRegular(target) ? 'gone' : 'lost'
  // A worker that removes a file does so in the open.
  if (report === null) return 'kept'
  if (isFirst && base?.mode === report.mode && base.mode !== target?.mode && target !== null)
    return 'lost'
  if (target === null) return isSameEntry(report, own) ? 'lost' : 'kept'
  if (
    [target, report].every(isRegular) &&
    [base, own].every((one) => one === null || isRegular(one))
  )
    return 'compare'
  return isSameEntry(report, own) ? 'lost' : 'kept'
}

const changed = (
  differences: ReadonlyMap<string, RenamedDifference>,
  path: string,
  unchanged: FileEntry | null,
): FileEntry | null => (differences.has(path) ? (differences.get(path)?.after ?? null) : unchanged)

function byPath(
  differences: readonly RenamedDifference[],
  side: 'from' | 'to',
): ReadonlyMap<string, RenamedDifference> {
  return new Map(differences.flatMap((one) => (one[side] === null ? [] : [[one[side], one]])))
}
