import { join } from 'node:path'
import type { InstanceId } from '../../core/model/ids.ts'
import { outwardVariables } from '../../claude/launch/outward-variables.ts'
import type { Place } from '../../claude/launch/place.ts'
import { commonPlace, type HostingOptions } from '../../hosting/hosting-options.ts'
import { toolsDirectory } from '../../hosting/tools.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { createCheckRunner } from './check.ts'
import { ensureCli } from './cli.ts'
import { openHost, type ProcessHost } from './host.ts'
import { createInstances } from './instances.ts'
import { createWorkspaces } from './workspaces.ts'

export interface ProcessOptions extends HostingOptions {
  /** Path of Claude Code's executable. */
  readonly cli: string
}

/** Instances as processes of this machine, without a boundary around them. */
export function createProcessRuntime(options: ProcessOptions): Runtime {
  const host = openHost(options)
  const { targetBranch } = options
  const place = (instance: InstanceId) => placeOf(host, options, instance)

  return {
    kind: 'process',
    ensureUsable: () => ensureCli(host),
    serverAddress: (port) =>
      Promise.resolve({ url: `http://127.0.0.1:${port}`, listenOn: '127.0.0.1' }),
    instances: createInstances(host, { targetBranch, place }),
    workspaces: createWorkspaces(host),
    files: host.directories,
    carriers: null,
    checkRunner: createCheckRunner(host, () =>
      outwardVariables(options.outward, options.serverUrl()),
    ),
  }
}

function placeOf(host: ProcessHost, options: ProcessOptions, instance: InstanceId): Place {
  const { home, workspace, settings } = host.directories.pathsOf(instance)
  return {
    ...commonPlace(options),
    network: null,
    outward: outwardVariables(options.outward, options.serverUrl()),
    hub: host.hub,
    workspace,
    outbox: join(home, '.orchestrator', 'outbox'),
    tools: toolsDirectory,
    carrier: null,
    settings,
  }
}
