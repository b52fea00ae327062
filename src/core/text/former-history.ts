import { fence } from './fence.ts'
import { shellQuote } from '../../lib/shell.ts'
import { type Commit, type TaskId, taskBranch } from '../model/ids.ts'
import type { Task } from '../model/task.ts'
import { quoteName } from './quote.ts'

export interface OwnWork {
  readonly task: TaskId
  /** The target branch. */
  readonly branch: string
  /** The hub's ref with the history before the rewrite. */
  readonly former: string
  /** The merge of the task in that history; null when the task was not merged there. */
  readonly merge: Commit | null
}

/** Why a task was returned whose work is based on a history that a person removed. */
export function outdatedSection(
  { id, returned }: Pick<Task, 'id' | 'returned'>,
  branch: string,
): string {
  if (returned?.kind !== 'rewritten') return ''
  const { former, merge, paths } = returned
  const commands = bringOwnWork({ task: id, branch, former, merge })
  const why =
    merge === null
      ? `A person removed commits from ${branch}, and your branch contains them. It can only be ` +
        'merged without them.'
      : `A person rewrote ${branch}, and your merged work conflicts with the new history in: ` +
        `${paths.map(quoteName).join(', ')}. It is not on ${branch} any more.`
  return [why, ...howTo(commands, branch)].join('\n\n')
}

/** For a task in progress, when it began on a history that a person removed. */
export function rewrittenSection(task: TaskId, branch: string, former: string | null): string {
  if (former === null) return ''
  const commands = bringOwnWork({ task, branch, former, merge: null })
  const why =
    `A person removed commits from ${branch} after this task began, and your branch contains them. ` +
    'A report is refused as long as it does.'
  return [`## ${branch} was rewritten`, why, ...howTo(commands, branch)].join('\n\n')
}

const howTo = (commands: readonly string[], branch: string): readonly string[] => [
  'Commit what is not committed. Then bring only your own work onto the new history:',
  fence(commands.join('\n')),
  'Resolve conflicts so that the work fits the new history. Do not bring back what the person ' +
    `removed. Do this once: if \`git log origin/${branch}..\` lists only your own commits on top of ` +
    `origin/${branch}, it is done already.`,
]

/**
 * The commands that bring a worker's own commits onto the rewritten target, without the commits
 * that a person removed. The work of a merge comes as one commit. A rebase leaves out the history
 * of one commit only, and a branch may also have merged the new target: the commits of others
 * there would be copied. So a commit joins both histories, and the rebase leaves out that one's.
 */
export function bringOwnWork({ task, branch, former, merge }: OwnWork): readonly string[] {
  const own = taskBranch(task)
  const target = shellQuote(`origin/${branch}`)
  const fetch = `git fetch "$ORCHESTRATOR_HUB" ${shellQuote(former)}`
  return merge === null
    ? [fetch, `git rebase --onto ${target} "$(${joined(target)})" ${own}`]
    : [fetch, `git checkout -B ${own} ${target}`, `git cherry-pick -m 1 ${merge}`]
}

const joined = (target: string): string =>
  `git commit-tree -m "Both histories" -p FETCH_HEAD -p ${target} FETCH_HEAD^{tree}`
