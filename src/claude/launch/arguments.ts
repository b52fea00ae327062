import type { Role } from '../../core/model/roles.ts'
import { builtInTools, permissionsOf } from './permissions.ts'

export interface ArgumentsFor {
  readonly role: Role
  readonly model: string
  /** Path of the file that names the tool servers, as the instance sees it. */
  readonly mcpConfig: string
  /** True only when a conversation exists: without one, `--continue` ends the process. */
  readonly resume: boolean
}

/** No positional prompt may follow: `--tools` and `--mcp-config` take as many words as they get. */
export function claudeArguments({
  role,
  model,
  mcpConfig,
  resume,
}: ArgumentsFor): readonly string[] {
  const tools = builtInTools(role)
  return [
    ...(resume ? ['--continue'] : []),
    '--model',
    model,
    '--permission-mode',
    permissionsOf(role).defaultMode,
    ...(tools === null ? [] : ['--tools', tools.join(',')]),
    '--mcp-config',
    mcpConfig,
    '--strict-mcp-config',
  ]
}
