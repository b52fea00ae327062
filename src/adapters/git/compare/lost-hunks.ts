import type { Hunk } from './hunks.ts'

/** One file, compared among the four trees of a side (see `discarded-changes.ts`). */
export interface FileHunks {
  /** From the base to the target: what others changed. */
  readonly theirs: readonly Hunk[]
  /** From the base to the worker's own side. */
  readonly own: readonly Hunk[]
  /** From the target to the report. */
  readonly since: readonly Hunk[]
  /** From the worker's own side to the report. */
  readonly kept: readonly Hunk[]
  /** The lines of the base; none where the file did not exist. */
  readonly baseLines: readonly string[]
}

/**
 * The changes of others that the report lacks: their new lines are gone, and the place reads
 * exactly as on the worker's own side. A place that reads in a third way counts as merged.
 */
export function lostHunks(file: FileHunks): readonly Hunk[] {
  const baseWords = new Set(file.baseLines.flatMap(wordsOf))
  return file.theirs.filter((hunk) => {
    const overlapping = file.own.filter((own) => overlaps(own, hunk))
    return (
      isGone(hunk, file.since, overlapping.length > 0) &&
      isIntact(ownRange(hunk, file.own, overlapping), hunk, file.kept, baseWords)
    )
  })
}

/** Lines that identify a change: those with letters or digits, or all when there are none. */
export function distinctiveLines(lines: readonly string[]): readonly string[] {
  const distinctive = lines.filter(hasWord)
  return distinctive.length > 0 ? distinctive : lines
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Whether both change the same lines of the base, or one inserts where the other changes. */
function overlaps(one: Hunk, other: Hunk): boolean {
  const [oneEnd, otherEnd] = [one.from + one.removed.length, other.from + other.removed.length]
  return one.removed.length === 0 || other.removed.length === 0
    ? one.from <= otherEnd && other.from <= oneEnd
    : one.from < otherEnd && other.from < oneEnd
}

/**
 * Whether the report removed what others wrote. Where the worker changed the same lines, or where
 * others replaced lines, one missing line is enough. Of lines that others only inserted, all
 * distinctive ones must be missing: a worker may remove one of them.
 */
function isGone(hunk: Hunk, since: readonly Hunk[], isContested: boolean): boolean {
  const end = hunk.at + hunk.added.length
  if (hunk.added.length === 0)
    return since.some(
      ({ from, removed, added }) =>
        added.length > 0 && from <= hunk.at && from + removed.length >= hunk.at,
    )
  const isRemoved = (line: number): boolean =>
    since.some(({ from, removed }) => line >= from && line < from + removed.length)
  const hasDistinctive = hunk.added.some(hasWord)
  const lines = Array.from({ length: end - hunk.at }, (_, index) => hunk.at + index).filter(
    (line) => !hasDistinctive || hasWord(hunk.added[line - hunk.at] ?? ''),
  )
  return isContested || hunk.removed.length > 0 ? lines.some(isRemoved) : lines.every(isRemoved)
}

/** Where the hunk's lines of the base are on the worker's own side. */
function ownRange(hunk: Hunk, own: readonly Hunk[], overlapping: readonly Hunk[]): Range {
  const all = [hunk, ...overlapping]
  const from = Math.min(...all.map((each) => each.from))
  const to = Math.max(...all.map((each) => each.from + each.removed.length))
  const grown = (hunks: readonly Hunk[]): number =>
    hunks.reduce((sum, { added, removed }) => sum + added.length - removed.length, 0)
  const before = grown(own.filter((each) => each.from < from && !overlapping.includes(each)))
  return { from: from + before, to: to + before + grown(overlapping) }
}

/** Whether the report left the range alone and put nothing of the hunk beside it. */
function isIntact(
  { from, to }: Range,
  { added }: Hunk,
  kept: readonly Hunk[],
  baseWords: ReadonlySet<string>,
): boolean {
  const theirLines = new Set(distinctiveLines(added))
  const newWords = new Set(added.flatMap(wordsOf).filter((word) => !baseWords.has(word)))
  const carries = (line: string): boolean =>
    theirLines.has(line) || (baseWords.size > 0 && wordsOf(line).some((word) => newWords.has(word)))
  return kept.every((change) => {
    const end = change.from + change.removed.length
    if (change.from < to && end > from && change.removed.length > 0 && from < to) return false
    const isInside = change.removed.length === 0 && change.from > from && change.from < to
    if (isInside) return false
    return change.from > to || end < from || !change.added.some(carries)
  })
}

const word = /[A-Za-z0-9_\u0080-\u00ff]+/g
const hasWord = (line: string): boolean => line.search(word) >= 0
const wordsOf = (line: string): readonly string[] => line.match(word) ?? []
