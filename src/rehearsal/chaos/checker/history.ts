import { linesOf } from '../world/command.ts'
import { git } from '../../sample/repository.ts'
import type { Removal } from '../world/removal.ts'
import { effective, type Evidence } from './evidence.ts'
import { droppedProblems, isRedone, isReportedAfter, mergesIn } from './followed.ts'

export interface Repositories {
  readonly hub: string
  readonly origin: string
  readonly branch: string
  /** Commits of the human. */
  readonly byHand: readonly string[]
  /** What the human took away for good. */
  readonly removal: Removal
  /** Tasks whose workers rewrote their branches: only their last reports count. */
  readonly rewritten: ReadonlySet<string>
}

interface Commit {
  readonly id: string
  readonly parents: readonly string[]
  readonly tasks: readonly string[]
}

/**
 * The target's own line holds recorded merges, task lists and what humans pushed, and nothing that
 * was reported is missing from it.
 */
export async function historyProblems(
  evidence: Evidence,
  repositories: Repositories,
): Promise<readonly string[]> {
  const { hub, origin, branch, removal } = repositories
  const removed = new Set(removal.commits)
  const byHand = repositories.byHand.filter((commit) => !removed.has(commit))
  const line = await firstParents(hub, branch)
  const reachable = new Set(linesOf(await git(hub, 'rev-list', branch)))
  const merges = mergesIn(evidence)
  const onLine = new Set(line.map(({ id }) => id))
  const strange = await Promise.all(
    line.map((commit) => objectionTo(commit, { hub, merges, byHand: new Set(byHand) })),
  )
  const [hubHead, originHead] = await Promise.all([
    git(hub, 'rev-parse', branch),
    git(origin, 'rev-parse', branch),
  ])
  return [
    ...strange.flat(),
    ...[...merges].flatMap(([merge, task]) =>
      onLine.has(merge) ? [] : [`the merge ${merge} of ${task} is not on the target's line`],
    ),
    ...twice(line),
    ...(await lostReports(evidence, reachable, repositories)),
    ...droppedProblems(evidence, new Set(removal.tasks)),
    ...returned(line, reachable, removal),
    ...byHand
      .filter((commit) => !reachable.has(commit))
      .map((commit) => `the commit ${commit} that was pushed by hand is lost`),
    ...(hubHead === originHead ? [] : [`the origin is at ${originHead}, the hub at ${hubHead}`]),
    ...(await brokenObjects(hub)),
  ]
}

async function firstParents(hub: string, branch: string): Promise<readonly Commit[]> {
  const format = '%H%x00%P%x00%(trailers:key=Task,valueonly,separator=%x20)'
  return linesOf(await git(hub, 'log', '--first-parent', `--format=${format}`, branch)).map(
    (text) => {
      const [id = '', parents = '', tasks = ''] = text.split('\0')
      return { id, parents: wordsOf(parents), tasks: wordsOf(tasks) }
    },
  )
}

const wordsOf = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

interface Known {
  readonly hub: string
  readonly merges: ReadonlyMap<string, string>
  readonly byHand: ReadonlySet<string>
}

/** Why a commit does not belong on the target's line. */
async function objectionTo(
  { id, parents, tasks }: Commit,
  { hub, merges, byHand }: Known,
): Promise<readonly string[]> {
  if (byHand.has(id) || parents.length === 0) return []
  const short = id.slice(0, 9)
  if (tasks.length > 0) {
    const recorded = merges.get(id)
    if (recorded === undefined)
      return [`the merge ${short} of ${tasks.join(', ')} is in no journal`]
    if (tasks.length > 1 || recorded !== tasks[0])
      return [`the merge ${short} names ${tasks.join(', ')}, the journal ${recorded}`]
    return parents.length === 2
      ? []
      : [`the merge ${short} of ${recorded} has ${parents.length} parents`]
  }
  if (parents.length === 2) {
    const [, theirs = ''] = parents
    return byHand.has(theirs)
      ? []
      : [`${short} merges ${theirs.slice(0, 9)}, which is neither a task nor a human's`]
  }
  const paths = linesOf(await git(hub, 'diff-tree', '--no-commit-id', '--name-only', '-r', id))
  const others = paths.filter((path) => !/^WORKER_\d+_TASK_LIST\.md$/.test(path))
  return others.length === 0 ? [] : [`${short} is no merge, but changes ${others.join(', ')}`]
}

function twice(line: readonly Commit[]): readonly string[] {
  const merges = Map.groupBy(
    line.flatMap(({ tasks }) => tasks),
    (task) => task,
  )
  return [...merges].flatMap(([task, list]) =>
    list.length === 1 ? [] : [`${task} has ${list.length} merge commits`],
  )
}

/**
 * Reported and acknowledged, so it is in the target, itself or the same changes in other commits,
 * or its task is shown as not merged.
 */
async function lostReports(
  evidence: Evidence,
  reachable: ReadonlySet<string>,
  { hub, branch, removal, rewritten }: Repositories,
): Promise<readonly string[]> {
  const merged = new Set(
    evidence.tasks.filter(({ phase }) => phase.name === 'merged').map(({ id }) => id),
  )
  const missing = effective(evidence).flatMap(
    ({ event: { type, task = '', commit }, sequence }) => {
      const isMissing =
        type === 'task-reported' &&
        typeof commit === 'string' &&
        merged.has(task) &&
        !reachable.has(commit)
      const isExcused =
        removal.tasks.includes(task) ||
        (rewritten.has(task) && isReportedAfter(evidence, task, sequence)) ||
        isRedone(evidence, { task, sequence })
      return isMissing && !isExcused ? [{ task, commit }] : []
    },
  )
  const lost = await Promise.all(
    missing.map(async (each) => ((await isCopied(hub, branch, each.commit)) ? [] : [each])),
  )
  return lost
    .flat()
    .map(({ task, commit }) => `the reported commit ${commit} of ${task} is not on the target`)
}

/** As after a rebase, which a worker may do between two reports. */
const isCopied = (hub: string, branch: string, commit: string): Promise<boolean> =>
  git(hub, 'log', '--right-only', '--cherry-pick', '--no-merges', `${branch}...${commit}`).then(
    (left) => left === '',
    () => false,
  )

/** What a person took away for good, and is there again. */
const returned = (
  line: readonly Commit[],
  reachable: ReadonlySet<string>,
  { commits, tasks }: Removal,
): readonly string[] => [
  ...commits
    .filter((commit) => reachable.has(commit))
    .map((commit) => `the commit ${commit} is back, though a person removed it`),
  ...line
    .flatMap((commit) => commit.tasks)
    .filter((task) => tasks.includes(task))
    .map((task) => `the merge of ${task} is back, though a person removed it`),
]

async function brokenObjects(hub: string): Promise<readonly string[]> {
  return git(hub, 'fsck', '--connectivity-only', '--no-dangling').then(
    () => [],
    (error: unknown) => [`git fsck: ${String(error)}`],
  )
}
