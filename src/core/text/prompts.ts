import type { TaskId } from '../model/ids.ts'
import type { PromptPurpose } from '../model/instance.ts'

/**
 * Every prompt is one short line that begins with a plain header: longer pastes reach the model as untrusted pasted
 * content, and a leading `!` or `/` would be a command (docs/claude-code.md). What is long is fetched with a tool.
 */
export const header = (promptId: string): string => `[orchestrator ${promptId}]`

interface Occasion {
  readonly purpose: PromptPurpose
  readonly task: TaskId | null
  /** For a reminder: which one it is. */
  readonly count?: number
  readonly isManager: boolean
}

export function promptLine(promptId: string, occasion: Occasion): string {
  return `${header(promptId)} ${sentence(occasion)}`
}

function sentence({ purpose, task, count, isManager }: Occasion): string {
  const fetch = isManager
    ? 'Call the tool mcp__orchestrator__state'
    : 'Call the tool mcp__orchestrator__brief'
  switch (purpose) {
    case 'plan':
      return `You are the Manager. ${fetch} to see the team, read PROJECT_DIRECTION.md, then submit the plan with submit_plan.`
    case 'news':
      return `There is news that needs you. ${fetch} and decide what it asks for.`
    case 'task':
      return `Your next task is ${task}. ${fetch}: it prepares your workspace and tells you what to do.`
    case 'rework':
      return `Task ${task} came back to you. ${fetch}: it says why and what to change.`
    case 'reminder':
      return (
        `Reminder ${count ?? 1}: you stopped without a report on task ${task}. When it is done and committed call ` +
        'report_done; when you cannot go on call report_blocked; otherwise continue.'
      )
    case 'resume':
      return `Your session was interrupted${task ? ` during task ${task}` : ''}. ${fetch} and go on where you were.`
    case 'foreign':
      return ''
  }
}
