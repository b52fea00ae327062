import type { Instant, TaskId } from '../model/ids.ts'
import type { Hang, PromptPurpose } from '../model/instance.ts'
import type { RoleTraits } from '../model/roles.ts'

/**
 * Every prompt is one short line that begins with this header. A longer paste reaches the model
 * as untrusted content, and a leading `!` or `/` is a command (docs/claude-code.md). The model
 * fetches everything longer with a tool.
 */
export const header = (promptId: string): string => `[orchestrator ${promptId}]`

export interface Occasion {
  readonly purpose: PromptPurpose
  readonly task: TaskId | null
  /** The number of a reminder, from 1. */
  readonly count?: number
  /** What the interrupted turn did. */
  readonly hang?: Hang
  readonly now: Instant
  readonly fetchTool: RoleTraits['fetchTool']
}

export function promptLine(promptId: string, occasion: Occasion): string {
  return `${header(promptId)} ${sentence(occasion)}`
}

function sentence({ purpose, task, count, fetchTool, hang, now }: Occasion): string {
  const fetch = `Call the tool mcp__orchestrator__${fetchTool}`
  switch (purpose) {
    case 'plan':
      return (
        `You are the Manager. ${fetch} to see the team and the tasks. Read PROJECT_DIRECTION.md. ` +
        'Then submit a plan with the tool submit_plan.'
      )
    case 'news':
      return `Something needs your decision. ${fetch}; it lists what to do. Do it.`
    case 'task':
      return `Your next task is ${task}. ${fetch}: it prepares your workspace and describes the task.`
    case 'rework':
      return `Task ${task} was returned to you. ${fetch}: it says why, and what to change.`
    case 'reminder':
      return (
        `Reminder ${count ?? 1}: you stopped without a report on task ${task}. If the task is done ` +
        'and committed, call report_done. If you cannot continue, call report_blocked. ' +
        'Otherwise continue.'
      )
    case 'resume':
      return `Your session was interrupted${task ? ` during task ${task}` : ''}. ${fetch}, then continue.`
    case 'hung':
      return (
        `Your last turn was interrupted: ${hang === undefined ? 'it hung' : hangText(hang, now)}. ` +
        'Your files are unchanged. Do not start the same thing again in the same way: give it a ' +
        `time limit, or do less at once. ${fetch}, then continue.`
      )
    case 'foreign':
      return ''
  }
}

/** The second half of a sentence. The tool is what the screen showed. */
export function hangText({ tool, silentSince }: Hang, now: Instant): string {
  const minutes = Math.round((now - silentSince) / 60_000)
  const what = tool === null ? 'it was busy' : `it was busy with ${tool}`
  return `${what} and gave no other sign of life for ${minutes} minutes`
}
