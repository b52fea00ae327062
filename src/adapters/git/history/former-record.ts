import { Commit, TaskId } from '../../../core/model/ids.ts'
import type { FollowedOrigin, RewriteAnswer } from '../../../core/model/rewrite.ts'
import { formerRef } from '../objects/refs.ts'

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

export function readRecord(ref: string, commit: Commit, message: string): FormerHistory {
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
