import { recoverableBackups } from '../entities/backup.ts'
import { lineMergedBy } from '../entities/origin-conflict.ts'
import { shellQuote } from '../../lib/shell.ts'
import { fence } from './fence.ts'
import { outdatedSection, rewrittenSection } from './former-history.ts'
import { quoteLine, quoteName } from './quote.ts'
import { originMergeSection, type Sides } from './origin-merge.ts'
import { type BackupId, type TaskId, taskBranch } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'

export interface BriefSource {
  readonly state: State
  readonly task: TaskId
  /** For a conflict: the changes of the target branch in the same paths; null when unknown. */
  readonly changes: string | null
  /** For a merge of what others pushed: what each side did; null when unknown. */
  readonly sides?: Sides | null
  /** The former history that the work is based on, in the hub; null for any other work. */
  readonly former?: string | null
  /** The refs of backups that were brought into the workspace. */
  readonly backups?: ReadonlyMap<BackupId, string>
}

/**
 * Everything that a worker needs for its task: what to do, why it was returned, what it builds on,
 * how to report. Throws for an unknown task.
 */
export function briefOf({
  state,
  task: id,
  changes,
  sides = null,
  former = null,
  backups = new Map(),
}: BriefSource): string {
  const task = state.tasks.get(id)
  if (!task) throw new Error(`no task ${id} in the state`)
  const targetBranch = state.lines.get(task.line)?.branch ?? ''
  const merged = lineMergedBy(state, id)
  const sections = [
    heading(task, targetBranch, merged !== null),
    `# ${task.title}\n\n${task.body.trim()}`,
    reasonForReturn(task, targetBranch, changes),
    task.returned?.kind === 'rewritten' ? '' : rewrittenSection(id, targetBranch, former),
    merged === null ? '' : originMergeSection(merged, sides),
    ...task.notes.map((note) => `## Note\n\n${note}`),
    earlierWork(state, task, backups),
    dependencies(state, task),
    reporting(task, merged !== null),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

const heading = (task: Task, targetBranch: string, isOriginMerge: boolean): string =>
  [
    `Task: ${task.id}`,
    `Kind: ${isOriginMerge && task.returned === null ? 'origin' : kindOf(task)}`,
    `Branch: ${taskBranch(task.id)} (checked out in your workspace)`,
    `Target: origin/${targetBranch}`,
  ].join('\n')

const noCommit =
  'If nothing has to change, call mcp__orchestrator__report_no_commit with the reason, and stop.'

/** `continue` when another attempt came before this one. */
function kindOf(task: Task): 'new' | 'continue' | NonNullable<Task['returned']>['kind'] {
  return task.returned?.kind ?? (task.attempts.length > 1 ? 'continue' : 'new')
}

function reasonForReturn(task: Task, targetBranch: string, changes: string | null): string {
  const { returned } = task
  if (returned === null) return ''
  const title = '## Why the task was returned'
  if (returned.kind === 'rewritten') return `${title}\n\n${outdatedSection(task, targetBranch)}`
  if (returned.kind === 'checks') {
    const reason =
      `Your work was merged with ${targetBranch} for a test, and the project's checks failed. ` +
      'Fix it on your branch, commit, and report again.'
    return `${title}\n\n${reason}\n\n${fence(returned.output)}`
  }
  if (returned.kind === 'protected') {
    const paths = returned.paths.map(quoteName).join(', ')
    const reason =
      `A person looked at what your branch changes in protected paths (${paths}) and does not ` +
      `want that on ${targetBranch}. Take these changes out, so that each of the paths reads as on ` +
      `origin/${targetBranch}, for example with ` +
      `\`git checkout ${shellQuote(`origin/${targetBranch}`)} -- <path>\`, or \`git rm\` where it is ` +
      'not there. Commit, and report again. If the task cannot be done without them, call ' +
      'mcp__orchestrator__report_blocked and say why.'
    const words = returned.reason === '' ? '' : `\n\nThe person wrote:\n\n${fence(returned.reason)}`
    return `${title}\n\n${reason}${words}`
  }
  const others = returned.tasks.length > 0 ? ` with ${returned.tasks.join(', ')}` : ''
  const reason =
    `Your branch conflicts${others} in: ${returned.paths.map(quoteName).join(', ')}. ` +
    `Run \`git merge ${shellQuote(`origin/${targetBranch}`)}\`. Resolve the conflict so that the changes of both ` +
    'sides work. Do not drop a line of either side without a reason. Commit, and report again.'
  const theirs = changes === null ? '' : `\n\nThe other side:\n\n${fence(changes)}`
  return `${title}\n\n${reason}${theirs}`
}

/** What other workers left of the task, committed or not, when they were lost. */
function earlierWork(state: State, task: Task, delivered: ReadonlyMap<BackupId, string>): string {
  const holder = [...state.instances.values()].find((instance) => instance.task === task.id)
  const lines = recoverableBackups(state, task.id, holder?.id ?? null).map(
    ({ id, instance, reason }) => {
      const ref = delivered.get(id)
      const place = ref === undefined ? 'could not be brought into your workspace' : `\`${ref}\``
      return `- ${instance} (${reason}): ${place}`
    },
  )
  if (lines.length === 0) return ''
  return (
    '## Earlier work on this task\n\n' +
    `${lines.join('\n')}\n\n` +
    (delivered.size === 0
      ? 'Fetch the brief again later to try once more.'
      : 'The refs are in your workspace. Look at them (`git diff HEAD...<ref>`) before you write ' +
        'the same again. Take what is good (`git merge --squash <ref>`) and leave the rest.')
  )
}

const reported = (other: Task | undefined): string =>
  other?.summary ? ` (${other.assignee} reported: ${quoteLine(other.summary)})` : ''

function dependencies(state: State, task: Task): string {
  const lines = task.dependsOn.map((id) => {
    const other = state.tasks.get(id)
    return `- ${id}: ${other?.title ?? ''}${reported(other)}`
  })
  return lines.length === 0 ? '' : `## Merged before this task\n\n${lines.join('\n')}`
}

const reporting = (task: Task, isOriginMerge: boolean): string =>
  [
    '## When you are done',
    [
      `Commit everything on ${taskBranch(task.id)}.`,
      'Then call mcp__orchestrator__report_done with a summary of one or two sentences, and stop.',
      ...(isOriginMerge ? [] : [noCommit]),
      'If you need an answer to continue, call mcp__orchestrator__report_blocked with the question,',
      'and stop.',
    ].join(' '),
    'Do not push. Do not change other branches. Do not edit the WORKER_*_TASK_LIST.md files: ' +
      'the server writes them.',
  ].join('\n\n')
