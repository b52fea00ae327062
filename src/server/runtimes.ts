import { existsSync } from 'node:fs'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import { createDockerRuntime } from '../adapters/docker/runtime.ts'
import { createProcessRuntime } from '../adapters/process/runtime.ts'
import type { StateDirectory } from '../adapters/system/state-directory.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { LaunchSockets } from '../ports/launch-sockets.ts'
import type { Runtime } from '../ports/runtime.ts'
import { proxyOfInstances } from './outbound.ts'

const MiB = 1024 * 1024

interface Surroundings {
  /** Called when an instance starts; the server listens by then. */
  readonly serverUrl: () => string
  /** How instances without a network reach it. */
  readonly sockets: LaunchSockets
  /** Reports an error that does not stop the work. */
  readonly onProblem: (what: string, error: unknown) => void
  readonly outbound: Outbound
  /** Models that are reached without the operator's proxy; asked at every launch. */
  readonly nearModels: () => readonly string[]
  /** A file of this machine with all certificates that count; null for the usual ones. */
  readonly bundle: string | null
}

/** The runtime that the configuration names. */
export function createRuntime(
  configuration: Configuration,
  directory: StateDirectory,
  { serverUrl, sockets, outbound, nearModels, bundle, onProblem }: Surroundings,
): Runtime {
  const { branch: targetBranch, model, environment, image, resources } = configuration
  const common = {
    stateDirectory: directory.path,
    hub: directory.hub,
    targetBranch,
    model,
    environment,
    serverUrl,
    outward: {
      proxy: proxyOfInstances(configuration, outbound),
      get direct() {
        return [...outbound.direct.entries, ...nearModels()]
      },
      certificates: bundle,
    },
  }
  switch (configuration.runtime) {
    case 'process':
      return createProcessRuntime({ ...common, cli: findCli() })
    case 'docker': {
      const { memoryMb, cpus, pids } = resources
      const { diskMb, isolation } = configuration
      const limits = { memoryBytes: memoryMb * MiB, cpus, pids, diskBytes: diskMb * MiB }
      const checksReachNetwork = configuration.checks.network === 'open'
      return createDockerRuntime({
        ...common,
        run: directory.run,
        image,
        limits,
        isolation,
        checksReachNetwork,
        onProblem,
        certificates: outbound.certificates,
        sockets: configuration.network === 'open' ? null : sockets,
      })
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
