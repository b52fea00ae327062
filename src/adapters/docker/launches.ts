import type { InstanceId, Launch } from '../../core/model/ids.ts'
import { sessionFiles } from '../../claude/observe/session.ts'
import { Liveness } from '../../hosting/liveness.ts'
import { outdatedBy } from '../../hosting/outdated.ts'
import type { AgentStatus, Instances, RunningInstance } from '../../ports/instances.ts'
import { outdatedBoundary } from './boundary.ts'
import { causeOfDeath } from './cause-of-death.ts'
import type { Containers, FoundContainer } from './containers.ts'
import { type Death, listenForDeaths } from './deaths.ts'
import type { Directories } from './directories.ts'
import { containerNameOf, type DockerHost } from './host.ts'
import { recordNow } from './record.ts'
import type { Reach } from './reach.ts'

interface Parts {
  readonly host: DockerHost
  readonly containers: Containers
  readonly directories: Directories
  readonly reach: Reach
}

/** Tracks which launches are alive: those we started, compared with the containers that run. */
export function createLaunches({ host, containers, directories, reach }: Parts) {
  const { engine, run } = host
  const liveness = new Liveness<InstanceId, AgentStatus>()
  const starting = new Set<InstanceId>()
  const causeOf = (container: string) => causeOfDeath(engine.api.getContainer(container))

  /** Follows what the agent of a running container reports. */
  const adopt = async (instance: InstanceId, launch: Launch, id: string): Promise<void> => {
    liveness.expectLife(instance, launch)
    await reach.adopt({ instance, launch })
    await directories.logins.follow(instance)
    if (liveness.isFollowed(instance)) return await liveness.look(instance)
    const startedAt = await containers.startedAt(id)
    // Removed since it was listed: the next look finds that its launch has ended.
    if (startedAt === null) return
    await liveness.follow(instance, directories.sessions(instance), sessionFiles(startedAt))
  }

  const listAlive = async () => (await containers.list()).filter(({ isRunning }) => isRunning)

  const adoptAll = async (running: readonly FoundContainer[]): Promise<void> => {
    const own = running.filter(({ instance }) => !starting.has(instance))
    await Promise.all(own.map(({ instance, launch, id }) => adopt(instance, launch, id)))
  }

  /**
   * Compares with the launches that were alive before the engine was asked, so that a launch that
   * begins meanwhile is not missed in an older answer.
   */
  const lookForDeaths = async (wasAway: boolean): Promise<void> => {
    const before = liveness.alive()
    const running = await listAlive()
    for (const [instance, launch] of before) {
      const isAlive = running.some((one) => one.instance === instance && one.launch === launch)
      if (isAlive || starting.has(instance)) continue
      const cause = await causeOf(containerNameOf(host, instance))
      liveness.reportDeath(instance, launch, cause, wasAway ? 'engine' : undefined)
    }
    await adoptAll(running)
  }

  const died = ({ container, instance, launch }: Death): void =>
    void causeOf(container).then((cause) => liveness.reportDeath(instance, launch, cause))

  const outdatedBoundaryOf = async ({ id, networkMode }: FoundContainer) => {
    const { isolation } = host
    const engineRuntime = isolation === 'gvisor' ? await containers.engineRuntime(id) : null
    return outdatedBoundary(
      { networkMode, engineRuntime },
      { networkMode: reach.networkMode, isolation },
    )
  }

  return {
    liveness,
    adopt,

    /** Until `work` has ended, the instance is neither adopted nor searched for deaths. */
    async whileStarting(instance: InstanceId, work: () => Promise<void>): Promise<void> {
      starting.add(instance)
      try {
        await work()
      } finally {
        starting.delete(instance)
      }
    },

    async listRunning() {
      const running = await listAlive()
      await adoptAll(running)
      const now = running.length === 0 ? null : await recordNow(host)
      return await Promise.all(
        running.map(async (container): Promise<RunningInstance> => {
          const { instance, launch, record } = container
          const outdated =
            (await outdatedBoundaryOf(container)) ??
            outdatedBy(record, now, 'another image or other tools')
          return { instance, launch, ...(outdated === null ? {} : { outdated }) }
        }),
      )
    },

    watch(listener: Parameters<Instances['watch']>[0]): Disposable {
      const listening = liveness.listen(listener)
      const events = listenForDeaths(engine, run, { died, connected: lookForDeaths })
      return {
        [Symbol.dispose]() {
          events[Symbol.dispose]()
          listening[Symbol.dispose]()
        },
      }
    },
  }
}

export type Launches = ReturnType<typeof createLaunches>
