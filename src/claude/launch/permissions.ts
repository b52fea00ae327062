import { type Role, type RoleTraits, traitsOf } from '../../core/model/roles.ts'

export interface Permissions {
  readonly defaultMode: 'bypassPermissions' | 'dontAsk'
  readonly disableAutoMode: 'disable'
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** The server name in Claude Code's names of our tools: `mcp__orchestrator__brief`. */
export const toolServer = 'orchestrator'

/** Claude Code's own tools, and how it asks before it uses one. */
interface PermissionSet {
  /** `--tools`: the only ones; null for all that is not denied. */
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

const sets: Readonly<Record<RoleTraits['permissions'], PermissionSet>> = {
  'read-only': {
    builtIn: readOnlyTools,
    defaultMode: 'dontAsk',
    allow: [...readOnlyTools, `mcp__${toolServer}`],
    deny: [...neverUnattended, ...changesOrReachesOut],
  },
  'all-unattended': {
    builtIn: null,
    defaultMode: 'bypassPermissions',
    allow: [],
    deny: neverUnattended,
  },
}

const setOf = (role: Role): PermissionSet => sets[traitsOf(role).permissions]

/** The only built-in tools of a role; null for a role that has all that is not denied. */
export const builtInTools = (role: Role): readonly string[] | null => setOf(role).builtIn

export function permissionsOf(role: Role): Permissions {
  const { defaultMode, allow, deny } = setOf(role)
  return { defaultMode, disableAutoMode: 'disable', allow, deny }
}
