import { TOOL_TIMEOUT_MS } from '../../hosting/tool-limits.ts'
import type { WaitingCarriers } from '../../hosting/waiting-carriers.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import type { Directories } from './directories.ts'
import { execute } from './exec.ts'
import { containerNameOf, type DockerHost } from './host.ts'
import { prepareSalvage } from './salvage.ts'
import { inside } from './template.ts'

/** Workspaces are directories of the host; what runs in them runs in containers. */
export function createWorkspaces(
  host: DockerHost,
  directories: Directories,
  carriers: WaitingCarriers,
): Workspaces {
  const { engine } = host
  return {
    async runTool(instance, argv) {
      const [tool = '', ...words] = argv
      // Without a carrier that waits, as of an instance that just starts, the engine does it.
      return (
        carriers.run(instance, argv, TOOL_TIMEOUT_MS) ??
        execute(engine, {
          container: containerNameOf(host, instance),
          argv: [`${inside.tools}/${tool}`, ...words],
          directory: inside.workspace,
          timeoutMs: TOOL_TIMEOUT_MS,
        })
      )
    },

    uploadPack(instance) {
      const git = ['git-upload-pack', inside.workspace]
      return [...engine.cli, 'exec', '-i', containerNameOf(host, instance), ...git]
    },

    receivePack(instance) {
      const command = ['exec', '-i', containerNameOf(host, instance), 'git']
      const words = ['-c', 'receive.autogc=false', 'receive-pack', inside.workspace]
      return [...engine.cli, ...command, ...words]
    },

    async salvage(instance, task) {
      if (!(await directories.hasWorkspace(instance))) return null
      const { workspace } = directories.mounts(instance)
      return prepareSalvage(host, { workspace, instance, task })
    },
  }
}
