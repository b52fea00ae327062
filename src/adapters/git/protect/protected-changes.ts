import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Commit } from '../../../core/model/ids.ts'
import { type ProtectedWork, shownPaths } from '../../../core/model/protected.ts'
import { visibleText } from '../../../lib/visible-text.ts'
import type { Git } from '../command/git.ts'
import { followLinks, isLink, type Links, readLinks, rememberLinks, staysInTree } from './links.ts'
import type { IsProtected } from './protected-paths.ts'
import { commonAncestor, treeOf } from '../objects/refs.ts'
import { compareTrees, type Difference, isTaskList } from '../objects/tree.ts'

interface ProtectedChange extends Difference {
  /** For people. */
  readonly why: string
}

/** What is compared: the target, the candidate that would be the next one, and the origin. */
type Compared = Pick<ProtectedWork, 'base' | 'candidate' | 'origin'>

/**
 * What a candidate changes on the target in protected paths; null when nothing. The trees count,
 * not how the work came to be: what people pushed to the origin, and the task merges, is no change
 * of the task.
 */
export async function findProtected(
  git: Git,
  isProtected: IsProtected | null,
  compared: Compared,
): Promise<ProtectedWork | null> {
  if (isProtected === null) return null
  const changes = await changesIn(git, isProtected, compared)
  if (changes.length === 0) return null
  const hash = createHash('sha256')
  for (const { path, before, after } of changes)
    hash.update(`${path}\0${entryText(before)}\0${entryText(after)}\0`)
  const paths = changes.slice(0, shownPaths).map(({ path }) => path)
  return { content: hash.digest('hex'), paths, count: changes.length, ...compared }
}

/** The changes one by one, and a diff: at most about `limit` characters each. */
export async function describeProtected(
  git: Git,
  isProtected: IsProtected,
  work: ProtectedWork,
  limit: number,
): Promise<string> {
  const changes = await changesIn(git, isProtected, work)
  const list = changes.map(
    ({ path, before, after, why }) =>
      `${visibleText(JSON.stringify(path))}: ${entryText(before)} -> ${entryText(after)} (${why})`,
  )
  const { stdout } = await git(
    [
      ...['diff-tree', '-p', '-r', '--text', '--full-index', '--no-renames', '--no-color'],
      ...['--no-ext-diff', '--no-textconv', work.base, work.candidate, '--'],
      ...changes.slice(0, mostDiffs).map(({ path }) => path),
    ],
    { config: ['core.bigFileThreshold=256k', 'core.quotePath=true'] },
  )
  const diff = visibleText(stdout.toString('utf8', 0, limit))
  const isWhole = stdout.length <= limit && changes.length <= mostDiffs
  const rest = isWhole
    ? ''
    : `\n[the diff goes on: git diff ${work.base} ${work.candidate} in the hub]`
  return `${cut(list, limit)}\n\n${diff.trimEnd()}${rest}`
}

/** Their paths are arguments of one command. */
const mostDiffs = 100

function cut(lines: readonly string[], limit: number): string {
  let room = limit
  const kept = lines.filter((line) => (room -= line.length) >= 0)
  return kept.length === lines.length
    ? kept.join('\n')
    : `${kept.join('\n')}\n[${lines.length - kept.length} more]`
}

/** Sorted by path, as git lists them. */
async function changesIn(
  git: Git,
  isProtected: IsProtected,
  { base, candidate, origin }: Compared,
): Promise<readonly ProtectedChange[]> {
  const [before, after] = [await treeOf(git, base), await treeOf(git, candidate)]
  const [differences, isMeant] = await Promise.all([
    compareTrees(git, before, after),
    followLinks(git, before, isProtected),
  ])
  rememberLinks(git, [before, after], differences)
  const all = differences.filter(({ path }) => !isTaskList(path))
  const links = await readLinks(git, all.map((change) => change.after).filter(isLink))
  const found: ProtectedChange[] = []
  for (const [index, change] of all.entries()) {
    // Work may change many files, and nothing else runs meanwhile.
    if (index % pathsAtATime === 0) await setImmediate()
    const why = isMeant(change.path) ? 'protected' : reasonFor(change, links)
    if (why !== null) found.push({ ...change, why })
  }
  return found.length === 0 ? [] : withoutOrigins(git, found, base, origin)
}

const pathsAtATime = 1_000

/** Why the change needs a person although its path is not protected; null when it needs none. */
function reasonFor({ path, before, after }: Difference, links: Links): string | null {
  if ([before, after].some((entry) => entry?.mode === gitlink)) return 'a submodule'
  if (!isLink(after)) return null
  const target = links.get(after.object) ?? null
  if (target !== null && staysInTree(path, target)) return null
  return `a link to ${visibleText(JSON.stringify(target ?? 'what is no path'))}`
}

const gitlink = '160000'

/** Leaves out what the origin's people changed since the target left them, and reads as there. */
async function withoutOrigins(
  git: Git,
  changes: readonly ProtectedChange[],
  base: Commit,
  origin: Commit | null,
): Promise<readonly ProtectedChange[]> {
  const left = origin === null ? null : await commonAncestor(git, base, origin)
  if (origin === null || left === null || left === origin) return changes
  const theirs = await compareTrees(git, await treeOf(git, left), await treeOf(git, origin))
  const byPath = new Map(theirs.map((change) => [change.path, change]))
  return changes.filter(({ path, after }) => {
    const their = byPath.get(path)
    return their === undefined || entryText(their.after) !== entryText(after)
  })
}

const entryText = (entry: Difference['after']): string =>
  entry === null ? 'nothing' : `${entry.mode} ${entry.object}`
