import { Commit, TaskId } from '../../core/model/ids.ts'
import type { FollowedOrigin, RewriteAnswer } from '../../core/model/rewrite.ts'
import type { Git } from './git.ts'
import { branchRef, formerRef, formerRefs } from './refs.ts'

/**
 * A history that the target left because a person rewrote the origin: a commit whose parents are
 * all heads of that history and the record before it. Its message says what became of the run's
 * merges, so a command that is repeated after a crash finds it. Workers may fetch it; it is never
 * pushed.
 */
export interface FormerHistory extends FollowedOrigin {
  readonly number: number
  readonly commit: Commit
  readonly before: Commit
  readonly after: Commit
}

/** Newest first. */
export async function formerHistories(git: Git, target: string): Promise<readonly FormerHistory[]> {
  const { text } = await git([
    'for-each-ref',
    '--format=%(refname)%00%(objectname)%00%(contents)%00',
    formerRefs(target),
  ])
  return [...text.matchAll(/(refs\/[^\0]+)\0([0-9a-f]+)\0([^\0]*)\0/g)]
    .map(([, ref = '', commit = '', message = '']) => parse(ref, Commit(commit), message))
    .toSorted((one, other) => other.number - one.number)
}

/** The newest one, which contains all before it; null when the origin was never rewritten. */
export async function lastFormerHistory(git: Git, target: string): Promise<FormerHistory | null> {
  return (await formerHistories(git, target))[0] ?? null
}

/**
 * Commits of former histories that the commit contains and the target lacks, newest first. The
 * newest history contains all before it.
 */
export async function removedIn(
  git: Git,
  target: string,
  commit: Commit,
  [former]: readonly FormerHistory[],
): Promise<readonly Commit[]> {
  if (former === undefined) return []
  const added = await listCommits(git, [commit, `^${branchRef(target)}`])
  const own = new Set(
    await listCommits(git, [commit, `^${branchRef(target)}`, `^${former.commit}`]),
  )
  return added.filter((each) => !own.has(each))
}

/** The ref of the former history of which the commit contains commits; null when it has none. */
export async function formerHistoryIn(
  git: Git,
  target: string,
  commit: Commit,
): Promise<string | null> {
  const known = await formerHistories(git, target)
  const removed = await removedIn(git, target, commit, known)
  return removed.length > 0 ? (known[0]?.former ?? null) : null
}

async function listCommits(git: Git, range: readonly string[]): Promise<readonly Commit[]> {
  const { text } = await git(['rev-list', ...range])
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Commit)
}

/** The message of a record: a line for each fact, its words separated by spaces. */
export function recordOf(
  { before, after }: RewriteAnswer,
  { head, replayed, returned, removed }: Omit<FollowedOrigin, 'former'>,
): string {
  const lines = [
    `History of the target before ${after}`,
    '',
    `rewrite ${before} ${after} ${head}`,
    ...replayed.map(({ task, from, to, work }) => `replayed ${task} ${from} ${to} ${work ?? '-'}`),
    ...returned.map(
      ({ task, from, work, paths }) =>
        `returned ${task} ${from} ${work} ${paths.map(encodeURIComponent).join(',')}`,
    ),
    ...removed.map(({ task, from }) => `removed ${task} ${from}`),
  ]
  return `${lines.join('\n')}\n`
}

function parse(ref: string, commit: Commit, message: string): FormerHistory {
  const facts = message.split('\n').map((line) => line.split(' '))
  const all = (kind: string) => facts.filter(([first]) => first === kind)
  const [, before = '', after = '', head = ''] = all('rewrite')[0] ?? []
  return {
    number: Number(ref.slice(ref.lastIndexOf('/') + 1)),
    commit,
    before: Commit(before),
    after: Commit(after),
    head: Commit(head),
    former: ref,
    replayed: all('replayed').map(([, task = '', from = '', to = '', work = '']) => ({
      task: TaskId(task),
      from: Commit(from),
      to: Commit(to),
      work: work === '-' ? null : Commit(work),
    })),
    returned: all('returned').map(([, task = '', from = '', work = '', paths = '']) => ({
      task: TaskId(task),
      from: Commit(from),
      work: Commit(work),
      paths: paths.split(',').map(decodeURIComponent),
    })),
    removed: all('removed').map(([, task = '', from = '']) => ({
      task: TaskId(task),
      from: Commit(from),
    })),
  }
}

export const nextFormerRef = (target: string, last: FormerHistory | null): string =>
  formerRef(target, (last?.number ?? 0) + 1)
