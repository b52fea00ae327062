import { Commit, isTaskId, type TaskId } from '../../../core/model/ids.ts'
import type { FollowedOrigin, ReplayedMerge, RewriteAnswer } from '../../../core/model/rewrite.ts'
import type { WriteDraft } from '../objects/commit-builder.ts'
import { type FormerHistory, nextFormerRef, recordOf } from '../history/former-record.ts'
import type { Git } from '../command/git.ts'
import { taskTrailer } from '../merge/merge.ts'
import {
  acceptedRef,
  branchRef,
  contains,
  formerTaskRef,
  moveRef,
  upstreamRef,
} from '../objects/refs.ts'
import { replay, taskMerges } from '../merge/replay.ts'
import { readTips } from '../history/tips.ts'

/**
 * Moves the target to the new history of the origin, with the run's own work that the origin never
 * had. What the origin had and has no longer was removed by a person and stays away. One
 * transaction moves the target, the accepted head and the record of the history before, so a
 * crash leaves all of it or nothing. `answer.before` must be the accepted head.
 */
export async function followOrigin(
  git: Git,
  target: string,
  write: WriteDraft,
  answer: RewriteAnswer,
): Promise<FollowedOrigin> {
  const { before, after } = answer
  for (;;) {
    const { head: left, formers } = await readTips(git, target)
    const [last = null] = formers
    const own = await taskMerges(git, left, [before, after])
    const { head, replayed, returned, removed } = await replay(git, write, own, after, before)
    const published = await publishedMerges(git, before, after)
    const result = {
      head,
      replayed: [...published.rewritten, ...replayed],
      returned,
      removed: [...published.removed, ...removed],
    }
    const isPart = await contains(git, left, before)
    const former = nextFormerRef(target, last)
    const record = await write({
      name: 'rewritten',
      parents: [left, ...(isPart ? [] : [before]), ...(last === null ? [] : [last.commit])],
      changes: [],
      message: recordOf(answer, result),
    })
    const moved = await moveRef(git, branchRef(target), head, left, {
      [former]: record,
      [acceptedRef(target)]: after,
      [upstreamRef(target)]: after,
      ...(await unmergedTasks(git, left, (last?.number ?? 0) + 1)),
    })
    if (moved) return { ...result, former }
  }
}

/** The outcome of a follow that this answer has asked for before; null when there is none. */
export async function followedBefore(
  git: Git,
  target: string,
  { before, after }: RewriteAnswer,
): Promise<FollowedOrigin | null> {
  const [last] = (await readTips(git, target)).formers
  return last !== undefined && last.before === before && last.after === after
    ? withoutRecord(last)
    : null
}

const withoutRecord = ({
  head,
  former,
  replayed,
  returned,
  removed,
}: FormerHistory): FollowedOrigin => ({ head, former, replayed, returned, removed })

/** What the origin had of the run: merges that a person rewrote, and merges that are gone. */
async function publishedMerges(git: Git, before: Commit, after: Commit) {
  const old = await commitsOfTasks(git, before, after)
  const now = new Map((await commitsOfTasks(git, after, before)).toReversed())
  const rewritten: ReplayedMerge[] = []
  for (const [task, from] of old) {
    const to = now.get(task)
    if (to !== undefined) rewritten.push({ task, from, to, work: null })
  }
  const removed = old.filter(([task]) => !now.has(task)).map(([task, from]) => ({ task, from }))
  return { rewritten, removed }
}

/** The commits that name a task in their trailers, newest first. */
async function commitsOfTasks(
  git: Git,
  history: Commit,
  without: Commit,
): Promise<readonly (readonly [TaskId, Commit])[]> {
  const { text } = await git(['log', `--format=%H%x00${taskTrailer}%x00`, history, `^${without}`])
  return [...text.matchAll(/^([0-9a-f]+)\0([^\0]*)\0$/gm)].flatMap(([, id = '', task = '']) =>
    isTaskId(task) ? [[task, Commit(id)] as const] : [],
  )
}

/** Keeps what was taken in of tasks that are not merged: their next report replaces it. */
async function unmergedTasks(
  git: Git,
  head: Commit,
  number: number,
): Promise<Readonly<Record<string, Commit>>> {
  const { text } = await git([
    'for-each-ref',
    '--format=%(refname:lstrip=2) %(objectname)',
    `--no-merged=${head}`,
    'refs/tasks/',
  ])
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [task, commit] = line.split(' ')
      return task && commit ? [[formerTaskRef(number, task), Commit(commit)]] : []
    }),
  )
}
