import type Dockerode from 'dockerode'
import type { InstanceId, Launch, RunId } from '../../core/model/ids.ts'
import type { Engine } from './engine.ts'
import { engineFailure, isConflict, isNotFound, isUnchanged } from './failure.ts'
import { labelNames, launchOf } from './labels.ts'

interface LaunchName {
  readonly instance: InstanceId
  readonly launch: Launch
}

export interface FoundContainer extends LaunchName {
  readonly id: string
  readonly isRunning: boolean
}

/**
 * The containers of one run, found by their labels. Nothing is cached: the engine is asked each
 * time.
 */
export function createContainers({ api, address }: Engine, run: RunId) {
  const attempt = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw engineFailure(action, error, address)
    }
  }

  return {
    /** Containers of instances, running or not. */
    async list(instance?: InstanceId): Promise<readonly FoundContainer[]> {
      const label = [
        `${labelNames.run}=${run}`,
        instance === undefined ? labelNames.instance : `${labelNames.instance}=${instance}`,
      ]
      const infos = await attempt('listing containers', () =>
        api.listContainers({ all: true, filters: { label } }),
      )
      return infos.flatMap((info) => {
        const launch = launchOf(info.Labels)
        return launch === null ? [] : [{ ...launch, id: info.Id, isRunning: isAlive(info.State) }]
      })
    },

    /**
     * Creates and starts a container for this launch. When its name is taken, the engine carried
     * out an earlier request whose answer was lost: that container is started.
     */
    async start(
      options: Dockerode.ContainerCreateOptions,
      { instance, launch }: LaunchName,
    ): Promise<void> {
      const name = options.name ?? ''
      try {
        await api.createContainer(options)
      } catch (error) {
        if (!isConflict(error))
          throw engineFailure(`creating the container ${name}`, error, address)
        const ours = (await this.list(instance)).some((container) => container.launch === launch)
        if (!ours)
          throw new Error(
            `something else on this machine is called ${name}. Remove it: docker rm -f ${name}`,
            { cause: error },
          )
      }
      await attempt(`starting the container ${name}`, () =>
        api.getContainer(name).start().catch(unless(isUnchanged)),
      )
    },

    /** When the container was last started, in milliseconds since the epoch. */
    async startedAt(id: string): Promise<number> {
      const { State } = await attempt('looking at a container', () =>
        api.getContainer(id).inspect(),
      )
      return Date.parse(State.StartedAt)
    },

    /** A conflict means that its removal is under way. */
    async remove(nameOrId: string): Promise<void> {
      await attempt(`removing the container ${nameOrId}`, () =>
        api
          .getContainer(nameOrId)
          .remove({ force: true, v: true })
          .catch(unless((error) => isNotFound(error) || isConflict(error))),
      )
    },

    /** Removes what a killed server left of its checks and salvages: they belong to no instance. */
    async removeHelpers(): Promise<void> {
      const infos = await attempt('listing containers', () =>
        api.listContainers({ all: true, filters: { label: [`${labelNames.run}=${run}`] } }),
      )
      await Promise.all(
        infos.filter(({ Labels }) => launchOf(Labels) === null).map(({ Id }) => this.remove(Id)),
      )
    },

    /** Removes every container of the run, checks included. */
    async removeAll(): Promise<void> {
      const filters = { label: [`${labelNames.run}=${run}`] }
      const infos = await attempt('listing containers', () =>
        api.listContainers({ all: true, filters }),
      )
      await Promise.all(infos.map(({ Id }) => this.remove(Id)))
    },
  }
}

export type Containers = ReturnType<typeof createContainers>

const isAlive = (state: string): boolean =>
  state === 'running' || state === 'paused' || state === 'restarting'

const unless =
  (isHarmless: (error: unknown) => boolean) =>
  (error: unknown): void => {
    if (!isHarmless(error)) throw error
  }
