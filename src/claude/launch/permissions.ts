import type { Role } from '../../core/model/roles.ts'

export interface Permissions {
  readonly defaultMode: 'bypassPermissions' | 'dontAsk'
  readonly disableAutoMode: 'disable'
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** The server name in Claude Code's names of our tools: `mcp__orchestrator__brief`. */
export const toolServer = 'orchestrator'

/** Claude Code's own tools of a role, and how it asks before it uses one. */
interface RolePermissions {
  /** `--tools`: all that the role has; null for all that is not denied. */
  readonly builtIn: readonly string[] | null
  readonly defaultMode: Permissions['defaultMode']
  readonly allow: readonly string[]
  readonly deny: readonly string[]
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

const readOnly: RolePermissions = {
  builtIn: readOnlyTools,
  defaultMode: 'dontAsk',
  allow: [...readOnlyTools, `mcp__${toolServer}`],
  deny: [...neverUnattended, ...changesOrReachesOut],
}

const permissionsByRole: Readonly<Record<Role, RolePermissions>> = {
  manager: readOnly,
  worker: { builtIn: null, defaultMode: 'bypassPermissions', allow: [], deny: neverUnattended },
  reviewer: readOnly,
}

/** The only built-in tools of a role; null for a role that has all that is not denied. */
export const builtInTools = (role: Role): readonly string[] | null =>
  permissionsByRole[role].builtIn

export function permissionsOf(role: Role): Permissions {
  const { defaultMode, allow, deny } = permissionsByRole[role]
  return { defaultMode, disableAutoMode: 'disable', allow, deny }
}
