import type Dockerode from 'dockerode'
import { z } from 'zod'
import type { InstanceId, Launch, RunId } from '../../core/model/ids.ts'
import { beginning } from './answer-limit.ts'
import type { Engine } from './engine.ts'
import { engineFailure, isBeingRemoved, isConflict, isNotFound, isUnchanged } from './failure.ts'
import { labelNames, launchOf, recordIn } from './labels.ts'
import type { FoundRecord } from '../../hosting/outdated.ts'

interface LaunchName {
  readonly instance: InstanceId
  readonly launch: Launch
}

export interface FoundContainer extends LaunchName {
  readonly id: string
  readonly record: FoundRecord
  readonly isRunning: boolean
  readonly networkMode: string
}

/**
 * The containers of one run, found by their labels. Nothing is cached: the engine is asked each
 * time.
 */
export function createContainers(engine: Engine, run: RunId) {
  const { api, address } = engine
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
        if (launch === null) return []
        const record = recordIn(info.Labels)
        const { NetworkMode: networkMode } = info.HostConfig
        return [{ ...launch, id: info.Id, record, isRunning: isAlive(info.State), networkMode }]
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

    /** When it was last started, in milliseconds since the epoch; null when it is gone. */
    async startedAt(id: string): Promise<number | null> {
      const found = await attempt('looking at a container', () =>
        api.getContainer(id).inspect().catch(unless(isNotFound)),
      )
      return found ? Date.parse(found.State.StartedAt) : null
    },

    /** The engine's name of the kernel that it runs on; null when the container is gone. */
    async engineRuntime(id: string): Promise<string | null> {
      return await attempt('looking at a container', () =>
        api
          .getContainer(id)
          .inspect()
          .then(({ HostConfig }) => HostConfig.Runtime ?? '')
          .catch((error: unknown) => {
            if (isNotFound(error)) return null
            throw error
          }),
      )
    },

    /** Resolves when the container is gone, also when another request removes it. */
    async remove(nameOrId: string): Promise<void> {
      await attempt(`removing the container ${nameOrId}`, async () => {
        try {
          await api.getContainer(nameOrId).remove({ force: true, v: true })
        } catch (error) {
          if (isNotFound(error)) return
          if (!isBeingRemoved(error)) throw error
          await removalOf(engine, nameOrId)
        }
      })
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

/** Waits for a removal that is under way. */
async function removalOf({ streams, answerLimitMs }: Engine, nameOrId: string): Promise<void> {
  const ended: unknown = await beginning(answerLimitMs, (abortSignal) =>
    streams
      .getContainer(nameOrId)
      .wait({ condition: 'removed', abortSignal })
      .catch(unless(isNotFound)),
  )
  const failure = failureShape.safeParse(ended)
  if (failure.success) throw new Error(failure.data.Error.Message)
}

/** Of a wait: the removal ended, and the container is still there. */
const failureShape = z.object({ Error: z.object({ Message: z.string().min(1) }) })

const isAlive = (state: string): boolean =>
  state === 'running' || state === 'paused' || state === 'restarting'

const unless =
  (isHarmless: (error: unknown) => boolean) =>
  (error: unknown): void => {
    if (!isHarmless(error)) throw error
  }
