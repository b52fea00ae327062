import { join } from 'node:path'
import { TOOL_TIMEOUT_MS } from '../../hosting/tool-limits.ts'
import { toolsDirectory } from '../../hosting/tools.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import { runCommand } from './command.ts'
import { environmentOf, type ProcessHost } from './host.ts'

/** Workspaces are worktrees of the hub; what runs in them runs as the server's own user. */
export function createWorkspaces(host: ProcessHost): Workspaces {
  const { directories } = host
  const paths = directories.pathsOf
  return {
    runTool(instance, [tool = '', ...words]) {
      return runCommand({
        argv: [join(toolsDirectory, tool), ...words],
        directory: paths(instance).workspace,
        environment: environmentOf(host, instance),
        timeoutMs: TOOL_TIMEOUT_MS,
      })
    },

    uploadPack: (instance) => ['git-upload-pack', paths(instance).workspace],

    // Receiving ends with git's upkeep, which would prune the hub.
    receivePack: (instance) => ['git', ...withoutUpkeep, 'receive-pack', paths(instance).workspace],

    async salvage(instance, task) {
      if (!(await directories.hasWorkspace(instance))) return null
      const { home, workspace } = paths(instance)
      const variables = [`PATH=${host.environment.PATH}`, `HOME=${home}`]
      const uploadPack = [
        'env',
        '-i',
        ...variables,
        join(toolsDirectory, 'salvage'),
        workspace,
        task,
      ]
      return { uploadPack, [Symbol.asyncDispose]: () => Promise.resolve() }
    },
  }
}

const withoutUpkeep = ['-c', 'receive.autogc=false', '-c', 'core.hooksPath=/dev/null']
