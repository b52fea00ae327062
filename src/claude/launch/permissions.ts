import type { Role } from '../../core/model/instance.ts'

export interface Permissions {
  readonly defaultMode: 'bypassPermissions' | 'dontAsk'
  readonly disableAutoMode: 'disable'
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** The name under which Claude Code knows our tools: `mcp__orchestrator__brief`. */
export const toolServer = 'orchestrator'

/** The only built-in tools of a role that may look but not touch; null leaves a worker what is not denied. */
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

/** They wait for a human, start turns of their own, or leave the workspace: nobody is there to answer. */
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

/** Beside `--tools`, which already leaves these out: a deny holds for subagents and skills as well. */
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
