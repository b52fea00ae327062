import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { RunId } from '../../core/model/ids.ts'
import { outwardVariables } from '../../claude/launch/outward-variables.ts'
import type { Place } from '../../claude/launch/place.ts'
import { commonPlace, type HostingOptions } from '../../hosting/hosting-options.ts'
import { WaitingCarriers } from '../../hosting/waiting-carriers.ts'
import type { LaunchSockets } from '../../ports/launch-sockets.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { createCheckRunner } from './check.ts'
import { ensureConfinement } from './confinement.ts'
import { createContainers } from './containers.ts'
import { createDirectories, launchFolder, outboxFolder } from './directories.ts'
import { type Engine, findEngine } from './engine.ts'
import { containerUser, type DockerHost } from './host.ts'
import { ensureImage } from './image.ts'
import { createInstances } from './instances.ts'
import { createNetwork } from './network.ts'
import { bridgeReach, socketReach } from './reach.ts'
import { ensureSocketIsReached, type OnProblem } from './socket-probe.ts'
import { toolsIn } from './record.ts'
import { inside, type Isolation, type Limits } from './template.ts'
import { createTools } from './tools.ts'
import { writeTrusted } from './trusted.ts'
import { createWorkspaces } from './workspaces.ts'

export interface DockerOptions extends HostingOptions {
  readonly run: RunId
  readonly image: string
  readonly limits: Limits
  readonly isolation: Isolation
  /** Certificates in PEM that containers trust beside those of their image. */
  readonly certificates: readonly string[]
  /** Whether checks reach the network, as instances do. */
  readonly checksReachNetwork: boolean
  /** Where containers have no network; null where they have one. */
  readonly sockets: LaunchSockets | null
  readonly onProblem: OnProblem
  /** An engine other than that of the `docker` command. */
  readonly engine?: Engine
}

/** Instances as hardened containers of the local engine. */
export function createDockerRuntime(options: DockerOptions): Runtime {
  const { run, image, limits, isolation } = options
  const engine = options.engine ?? findEngine()
  const user = containerUser()
  const hub = realpathSync(options.hub)
  const stateDirectory = realpathSync(options.stateDirectory)
  const trusted = options.certificates
  const certificates = trusted.length === 0 ? null : join(stateDirectory, 'trusted.pem')
  const outward = () =>
    outwardVariables(
      {
        ...(options.sockets === null ? options.outward : { proxy: null, direct: [] }),
        certificates: certificates === null ? null : inside.certificates,
      },
      options.serverUrl(),
    )
  const tools = createTools(stateDirectory)
  const common = { engine, tools, run, image, limits, isolation, user, hub }
  const host: DockerHost = { ...common, certificates, outward }
  const containers = createContainers(engine, run)
  const network = createNetwork(engine, run)
  const directories = createDirectories(stateDirectory, user, options.onProblem)
  const reach =
    options.sockets === null
      ? bridgeReach(network)
      : socketReach({
          sockets: options.sockets,
          paths: directories.socketPaths,
          ensureIsReached: (directory) => ensureSocketIsReached(host, directory, options.onProblem),
          network,
        })
  const carriers = new WaitingCarriers()
  const place = () => placeOf(options, { network: reach.place, outward: outward() })

  return {
    kind: 'docker',

    async ensureUsable() {
      await ensureImage(engine, image)
      await ensureConfinement(engine, isolation)
      await containers.removeHelpers()
      const found = await containers.list()
      await tools.removeUnused(found.flatMap(({ record }) => toolsIn(record) ?? []))
      await directories.removeSocketsOfChecks()
      if (certificates !== null) await writeTrusted(host, trusted, certificates)
      await reach.ensureUsable()
    },

    serverAddress: (port) => reach.serverAddress(port),

    instances: createInstances({ host, containers, reach, directories, place }),
    workspaces: createWorkspaces(host, directories, carriers),
    carriers,
    files: directories,
    checkRunner: createCheckRunner(host, options.checksReachNetwork ? reach : null),
  }
}

const placeOf = (options: DockerOptions, reached: Pick<Place, 'network' | 'outward'>): Place => ({
  ...commonPlace(options),
  ...reached,
  hub: inside.hub,
  workspace: inside.workspace,
  outbox: `${inside.home}/${outboxFolder}`,
  tools: inside.tools,
  carrier: inside.carrier,
  settings: `${inside.settings}/${launchFolder}`,
})
