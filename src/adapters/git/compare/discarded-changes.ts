import type { Commit } from '../../../core/model/ids.ts'
import type { ReportedWork } from '../../../ports/repository.ts'
import type { Git } from '../command/git.ts'
import { type ComparedFile, compareLines, linesAddedBy } from './compared-files.ts'
import type { Hunk } from './hunks.ts'
import { distinctiveLines } from './lost-hunks.ts'
import type { FormerHistory } from '../history/former-record.ts'
import { mergeTrees } from '../objects/merged-tree.ts'
import { commonAncestor } from '../objects/refs.ts'
import {
  compareWithRenames,
  type FileEntry,
  isRegular,
  isSameEntry,
  type RenamedDifference,
} from './renamed-trees.ts'
import { readTips } from '../history/tips.ts'
import { isTaskList } from '../objects/tree.ts'
import { removedSides, type Side, sidesOf } from './sides.ts'

/**
 * Paths that others changed and that read in the report as they did before, as on a side that the
 * worker had: the target when its work began, the other parent of a merge that it made, a tip of
 * its branch before a rewrite. What counts is the content of the report, not how it came to be.
 *
 * The number of git processes does not depend on the size of the work: `sidesOf` bounds the sides,
 * `compareLines` what is compared line by line.
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
  const own = await sidesOf(git, others, work, reached)
  const removed = await removedSides(git, formers, work)
  const found = [
    ...(await discardedOn(git, own, { target: reached, report: commit })),
    ...(await broughtBack(git, removed, { others, reached, commit })),
  ]
  return [...new Set(found)].toSorted()
}

/**
 * What the target would have again with the work. A file in conflict has no such content yet: it is
 * compared as the worker has it, and once more when the conflict is resolved.
 */
async function broughtBack(
  git: Git,
  removed: readonly Side[],
  { others, reached, commit }: Readonly<Record<'others' | 'reached' | 'commit', Commit>>,
): Promise<readonly string[]> {
  if (removed.length === 0) return []
  const { tree, conflicts } = await mergeTrees(git, others, commit)
  const merged = await discardedOn(git, removed, { target: others, report: tree })
  if (conflicts.length === 0) return merged
  const inConflict = new Set(conflicts)
  const own = await discardedOn(git, removed, { target: reached, report: commit })
  return [
    ...merged.filter((path) => !inConflict.has(path)),
    ...own.filter((path) => inConflict.has(path)),
  ]
}

/** Two commits or trees. */
interface Compared {
  readonly target: string
  readonly report: string
}

async function discardedOn(
  git: Git,
  sides: readonly Side[],
  { target, report }: Compared,
): Promise<readonly string[]> {
  if (sides.length === 0) return []
  const trees = await treesOf(git, [
    target,
    report,
    ...sides.flatMap(({ base, own }) => [base, own]),
  ])
  const tree = (one: string): string => trees.get(one) ?? ''
  const [since = [], ...changes] = await compareWithRenames(git, [
    [tree(target), tree(report)],
    ...sides.flatMap(
      ({ base, own }) =>
        [
          [tree(base), tree(target)],
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
  const written = byLines.length === 0 ? null : await linesAddedBy(git, tree(target), tree(report))
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

async function treesOf(git: Git, commits: readonly string[]): Promise<ReadonlyMap<string, string>> {
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
    const former = change.from !== null && change.from !== change.to ? change.from : null
    // What others renamed, or replaced by a similar file, is there again under its former path.
    const back = former === null ? undefined : sinceTo.get(former)
    const later = sinceFrom.get(path) ?? (change.to === null ? sinceTo.get(path) : undefined)
    if (later === undefined && (back === undefined || change.to === null)) return []
    const mine =
      change.from === null ? oursTo.get(path)?.after : changed(oursFrom, change.from, change.before)
    const side = { base: change.before, own: base === own ? change.before : (mine ?? null) }
    if (later === undefined) {
      const entries = { ...side, target: null, report: back?.after ?? null }
      const verdict = verdictOn(entries, base === own)
      return verdict === 'kept' ? [] : [{ path: former ?? path, entries, verdict }]
    }
    const entries = { ...side, target: change.after, report: reportedAs(change, later) }
    const verdict = back !== undefined ? 'lost' : verdictOn(entries, base === own)
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
