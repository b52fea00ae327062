import type { InstanceId } from '../../core/model/ids.ts'
import type { Place } from '../../claude/launch/place.ts'
import type { Instances, LaunchOrder } from '../../ports/instances.ts'
import type { Containers, FoundContainer } from './containers.ts'
import type { Directories } from './directories.ts'
import { containerNameOf, type DockerHost } from './host.ts'
import { recordNow } from './record.ts'
import { instanceLabels } from './labels.ts'
import { createLaunches, type Launches } from './launches.ts'
import { createDiskBound, type DiskBound } from './disk-bound.ts'
import type { Reach } from './reach.ts'
import { containerOptions, inside } from './template.ts'

interface Parts {
  readonly host: DockerHost
  readonly containers: Containers
  readonly reach: Reach
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
  const { host, containers, reach } = parts
  const launches = createLaunches(parts)
  const { liveness } = launches
  const disk = boundOf(parts, launches)

  const remove = async (instance: InstanceId, found: readonly FoundContainer[]): Promise<void> => {
    liveness.expectEnd(instance)
    for (const { id } of found) await containers.remove(id)
    await reach.close(instance)
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
      // Its older launches are gone, so nothing changes what is measured.
      await parts.directories.ensureFolders(instance)
      await disk.admit(instance)
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
      const alive = [...liveness.alive().keys()]
      for (const instance of alive) liveness.expectEnd(instance)
      await containers.removeAll()
      for (const instance of alive) await reach.close(instance)
      await reach.remove()
    },

    listRunning: () => launches.listRunning(),

    status: (instance) => liveness.status(instance),

    watch(listener) {
      const watching = new DisposableStack()
      watching.use(launches.watch(listener))
      watching.use(disk.begin())
      return watching
    },

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

function boundOf(
  { host, directories }: Pick<Parts, 'host' | 'directories'>,
  { liveness }: Launches,
): DiskBound {
  return createDiskBound({
    limitBytes: host.limits.diskBytes,
    directories(instance) {
      const { home, workspace } = directories.mounts(instance)
      return [home, workspace]
    },
    running: () => liveness.alive().keys(),
    async end(instance, cause) {
      const launch = liveness.launchOf(instance)
      // First the reason: the engine reports the death without one.
      if (launch !== null) liveness.reportDeath(instance, launch, cause)
      await host.engine.api.getContainer(containerNameOf(host, instance)).kill()
    },
  })
}

async function start(
  order: LaunchOrder,
  { host, containers, reach, directories, place }: Parts,
  { liveness }: Launches,
): Promise<void> {
  const { instance, launch, role } = order
  const { run, image, user, limits, isolation, hub, certificates, outward } = host
  await directories.prepare(order, place())
  const { directory: tools } = await host.tools.ready()
  const record = await recordNow(host)
  const { network, sockets } = await reach.prepare({ instance, launch })
  const container = containerOptions({
    name: containerNameOf(host, instance),
    image,
    labels: instanceLabels(run, instance, role, launch, record),
    user,
    limits,
    isolation,
    hasOwnDisk: false,
    network,
    command: ['tini', '-g', '--', `${inside.tools}/entrypoint`],
    isPipe: false,
    variables: outward(),
    mounts: { hub, sockets, certificates, tools, ...directories.mounts(instance) },
  })
  liveness.expectLife(instance, launch)
  try {
    await containers.start(container, order)
  } catch (error) {
    liveness.expectEnd(instance)
    throw error
  }
}
