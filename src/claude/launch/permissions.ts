import type { Role } from '../../core/model/roles.ts'

export interface Permissions {
  readonly defaultMode: 'bypassPermissions' | 'dontAsk'
  readonly disableAutoMode: 'disable'
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** The server name in Claude Code's names of our tools: `mcp__orchestrator__brief`. */
export const toolServer = 'orchestrator'

/**
 * The only built-in tools of a read-only role; null for workers, who have all that is not denied.
 */
export function builtInTools(role: Role): readonly string[] | null {
  return role === 'worker' ? null : readOnlyTools
}

export function permissionsOf(role: Role): Permissions {
  return role === 'worker'
    ? {
        defaultMode: 'bypassPermissions',
        disableAutoMode: 'disable',
        allow: [],
        deny: neverUnattended,
      }
    : {
        defaultMode: 'dontAsk',
        disableAutoMode: 'disable',
        allow: [...readOnlyTools, `mcp__${toolServer}`],
        deny: [...neverUnattended, ...changesOrReachesOut],
      }
}

const readOnlyTools = ['Read', 'Glob', 'Grep']

/** They wait for a human, who is not there, start turns of their own, or leave the workspace. */
const neverUnattended = [
  'AskUserQuestion',
  'EnterPlanMode',
  'ExitPlanMode',
  'EnterWorktree',
  'ExitWorktree',
  'CronCreate',
  'CronDelete',
  'CronList',
  'ScheduleWakeup',
  'RemoteTrigger',
  'Workflow',
  'SendMessage',
  'ListAgents',
]

/** `--tools` leaves these out too, but only a deny also holds for subagents and skills. */
const changesOrReachesOut = [
  'Edit',
  'Write',
  'NotebookEdit',
  'Bash',
  'Monitor',
  'Agent',
  'Skill',
  'WebFetch',
  'WebSearch',
  'ToolSearch',
  'TaskStop',
  'ReportFindings',
]
