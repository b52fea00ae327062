import { McpServer } from '@modelcontextprotocol/server'
import { type Role, type RoleTraits, traitsOf } from '../../core/model/roles.ts'
import type { Identity } from '../access/identity.ts'
import { managerTools } from './manager-tools.ts'
import type { ToolDeps } from './tool-deps.ts'
import { workerTools } from './worker-tools.ts'

type Register = (server: McpServer, caller: Identity, deps: ToolDeps) => void

const sets: Readonly<Record<RoleTraits['tools'], Register>> = {
  planning: managerTools,
  task: workerTools,
  none: () => undefined,
}

/** The tools of one caller. A tool that its role may not use is not in the list. */
export function toolsFor(role: Role, caller: Identity, deps: ToolDeps): McpServer {
  const server = new McpServer({ name: 'orchestrator', version: '1' })
  sets[traitsOf(role).tools](server, caller, deps)
  return server
}
