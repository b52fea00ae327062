import { McpServer } from '@modelcontextprotocol/server'
import type { Role } from '../../core/model/roles.ts'
import type { Identity } from '../access/identity.ts'
import { managerTools } from './manager-tools.ts'
import type { ToolDeps } from './tool-deps.ts'
import { workerTools } from './worker-tools.ts'

type Register = (server: McpServer, caller: Identity, deps: ToolDeps) => void

const toolsByRole: Readonly<Record<Role, Register>> = {
  manager: managerTools,
  worker: workerTools,
  // No instance has this role yet.
  reviewer: () => undefined,
}

/** The tools of one caller. A tool that its role may not use is not in the list. */
export function toolsFor(role: Role, caller: Identity, deps: ToolDeps): McpServer {
  const server = new McpServer({ name: 'orchestrator', version: '1' })
  toolsByRole[role](server, caller, deps)
  return server
}
