import { recoverableBackups } from '../entities/backup.ts'
import { type TaskId, taskBranch } from '../model/ids.ts'
import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'

export interface BriefSource {
  readonly state: State
  readonly task: TaskId
  readonly targetBranch: string
  /** For a conflict: what the other side did to the same paths, as the hub tells it. */
  readonly changes: string | null
}

/** All that a worker needs to know: its task, why it came back if it did, what it builds upon, how to report. */
export function briefOf({ state, task: id, targetBranch, changes }: BriefSource): string {
  const task = state.tasks.get(id)
  if (!task) throw new Error(`no task ${id} in the state`)
  const sections = [
    `Task: ${task.id}\nKind: ${kindOf(task)}\nBranch: ${taskBranch(task.id)} (checked out in your workspace)\nTarget: origin/${targetBranch}`,
    `# ${task.title}\n\n${task.body.trim()}`,
    returned(task, targetBranch, changes),
    ...task.notes.map((note) => `## Note\n\n${note}`),
    inheritance(state, task),
    foundations(state, task),
    reporting(task),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

/** Why a task was last turned back stays readable after it was assigned again. */
function kindOf(task: Task): 'new' | 'continue' | NonNullable<Task['returned']>['kind'] {
  return task.returned?.kind ?? (task.attempts.length > 1 ? 'continue' : 'new')
}

function returned({ returned: back }: Task, targetBranch: string, changes: string | null): string {
  if (back === null) return ''
  if (back.kind === 'checks') {
    return `## Why it came back\n\nMerged onto ${targetBranch}, your work failed the project's checks. Mend it on your branch.\n\n${fence(back.output)}`
  }
  const others = back.tasks.length > 0 ? ` with ${back.tasks.join(', ')}` : ''
  const intent =
    `Your branch conflicts${others} in: ${back.paths.join(', ')}. Run \`git merge origin/${targetBranch}\`, resolve it so that both ` +
    'intents hold (drop no line of either side without a reason), commit, and report again.'
  return `## Why it came back\n\n${intent}${changes === null ? '' : `\n\nThe other side:\n\n${fence(changes)}`}`
}

/** What another worker left of it when it was lost, committed or not. */
function inheritance(state: State, task: Task): string {
  const holder = [...state.instances.values()].find((instance) => instance.task === task.id)
  const lines = recoverableBackups(state, task.id, holder?.id ?? null).map(
    ({ id, instance, reason }) =>
      `- ${instance} (${reason}): \`git fetch "$ORCHESTRATOR_HUB" refs/backup/${id}\``,
  )
  if (lines.length === 0) return ''
  return (
    '## What others left of it\n\n' +
    `${lines.join('\n')}\n\n` +
    'Look at what was fetched (`git diff HEAD...FETCH_HEAD`) before you write the same again: take over ' +
    'what is good (`git merge --squash FETCH_HEAD`), leave what is not.'
  )
}

function foundations(state: State, task: Task): string {
  const lines = task.dependsOn.map((id) => {
    const other = state.tasks.get(id)
    return `- ${id}: ${other?.title ?? ''}${other?.summary ? ` (${other.summary})` : ''}`
  })
  return lines.length === 0 ? '' : `## Merged before you\n\n${lines.join('\n')}`
}

function reporting(task: Task): string {
  return (
    '## When you are done\n\n' +
    `Commit everything on ${taskBranch(task.id)}, then call mcp__orchestrator__report_done with a summary of one or two sentences, and stop. ` +
    'If you need an answer to go on, call mcp__orchestrator__report_blocked with the question, and stop. Do not push, do not touch other ' +
    'branches, and leave the WORKER_*_TASK_LIST.md files alone: the server keeps them.'
  )
}

const fence = (text: string): string => `\`\`\`\`\n${text.trimEnd()}\n\`\`\`\``
