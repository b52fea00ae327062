import { existsSync } from 'node:fs'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import { createDockerRuntime } from '../adapters/docker/runtime.ts'
import { createProcessRuntime } from '../adapters/process/runtime.ts'
import type { StateDirectory } from '../adapters/system/state-directory.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Runtime } from '../ports/runtime.ts'

/**
 * The runtime that the configuration names. `serverUrl` is called when an instance starts; the
 * server listens by then.
 */
export function createRuntime(
  configuration: Configuration,
  directory: StateDirectory,
  serverUrl: () => string,
): Runtime {
  const { branch: targetBranch, model, environment, image, resources } = configuration
  const common = {
    stateDirectory: directory.path,
    hub: directory.hub,
    targetBranch,
    model,
    environment,
    serverUrl,
  }
  switch (configuration.runtime) {
    case 'process':
      return createProcessRuntime({ ...common, cli: findCli() })
    case 'docker': {
      const { memoryMb, cpus, pids } = resources
      const limits = { memoryBytes: memoryMb * 1024 * 1024, cpus, pids }
      return createDockerRuntime({ ...common, run: directory.run, image, limits })
    }
  }
}

/** The path where setup installs the pinned Claude Code for host-native instances. */
function findCli(): string {
  const { version } = packageFile.claudeCode
  const path = join(import.meta.dirname, '..', '..', '.cache', 'claude-code', version, 'claude')
  if (existsSync(path)) return path
  throw new Error(
    `Claude Code ${version} is not installed for host-native instances (${path}): ` +
      'run `npm run setup`',
  )
}
