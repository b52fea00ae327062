import type { InstanceId } from '../../core/model/ids.ts'
import type { Place } from '../../claude/launch/place.ts'
import type { Instances, LaunchOrder } from '../../ports/instances.ts'
import type { Containers, FoundContainer } from './containers.ts'
import type { Directories } from './directories.ts'
import { containerNameOf, type DockerHost } from './host.ts'
import { instanceLabels } from './labels.ts'
import { createLaunches, type Launches } from './launches.ts'
import type { Network } from './network.ts'
import { containerOptions } from './template.ts'

interface Parts {
  readonly host: DockerHost
  readonly containers: Containers
  readonly network: Network
  readonly directories: Directories
  /** Called at every launch. */
  readonly place: () => Place
}

/**
 * A sequence that is not typed by accident: the default begins with ctrl-p, a key of Claude Code.
 */
const detachKeys = 'ctrl-^,ctrl-^'

/** One container per instance, found by its labels. */
export function createInstances(parts: Parts): Instances {
  const { host, containers, network } = parts
  const launches = createLaunches(parts)
  const { liveness } = launches

  const remove = async (instance: InstanceId, found: readonly FoundContainer[]): Promise<void> => {
    liveness.expectEnd(instance)
    for (const { id } of found) await containers.remove(id)
  }

  const run = async (order: LaunchOrder): Promise<void> => {
    const { instance, launch } = order
    const found = await containers.list(instance)
    const newer = found.find((container) => container.launch > launch)
    if (newer !== undefined)
      throw new Error(`launch ${launch} of ${instance} is over: there is launch ${newer.launch}`)
    const isRunning = found.some((container) => container.launch === launch && container.isRunning)
    if (!isRunning) {
      await remove(instance, found)
      await start(order, parts, launches)
    }
    const hasDiedSince = !isRunning && liveness.launchOf(instance) !== launch
    if (!hasDiedSince) await launches.adopt(instance, launch, containerNameOf(host, instance))
  }

  return {
    ensureRunning: (order) => launches.whileStarting(order.instance, () => run(order)),

    async ensureStopped(instance) {
      await remove(instance, await containers.list(instance))
    },

    async ensureAllStopped() {
      for (const instance of liveness.alive().keys()) liveness.expectEnd(instance)
      await containers.removeAll()
      await network.remove()
    },

    listRunning: () => launches.listRunning(),

    status: (instance) => liveness.status(instance),

    watch: (listener) => launches.watch(listener),

    /**
     * Contains the launch, so that a terminal that still shows the end of the previous launch is
     * not mistaken for this one's.
     */
    terminalCommand(instance) {
      const name = containerNameOf(host, instance)
      const attach = ['attach', '--sig-proxy=false', `--detach-keys=${detachKeys}`, name]
      return ['env', `LAUNCH=${liveness.launchOf(instance) ?? 0}`, ...host.engine.cli, ...attach]
    },

    externalNameOf: (instance) => containerNameOf(host, instance),
  }
}

async function start(
  order: LaunchOrder,
  { host, containers, network, directories, place }: Parts,
  { liveness }: Launches,
): Promise<void> {
  const { instance, launch, role } = order
  const { run, image, user, limits, hub } = host
  await network.ensure()
  await directories.prepare(order, place())
  const container = containerOptions({
    name: containerNameOf(host, instance),
    image,
    labels: instanceLabels(run, instance, role, launch),
    user,
    limits,
    network: network.name,
    command: null,
    isPipe: false,
    mounts: { hub, ...directories.mounts(instance) },
  })
  liveness.expectLife(instance, launch)
  try {
    await containers.start(container, order)
  } catch (error) {
    liveness.expectEnd(instance)
    throw error
  }
}
