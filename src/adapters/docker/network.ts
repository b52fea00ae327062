import type { RunId } from '../../core/model/ids.ts'
import type { Engine } from './engine.ts'
import { engineFailure, isConflict, isNotFound } from './failure.ts'
import { labelNames } from './labels.ts'

/**
 * The run's own bridge network: its containers reach the outside and the server, but not each
 * other.
 */
export function createNetwork({ api, address }: Engine, run: RunId) {
  const name = `orchestrator-${run}`

  const inspect = () => api.getNetwork(name).inspect()

  return {
    name,

    async ensure(): Promise<void> {
      try {
        await inspect().catch((error: unknown) => {
          if (!isNotFound(error)) throw error
          return api.createNetwork({
            Name: name,
            CheckDuplicate: true,
            Driver: 'bridge',
            Options: { 'com.docker.network.bridge.enable_icc': 'false' },
            Labels: { [labelNames.run]: run },
          })
        })
      } catch (error) {
        if (!isConflict(error)) throw engineFailure(`preparing the network ${name}`, error, address)
      }
    },

    /** The host's address in the network. */
    async gateway(): Promise<string> {
      const { IPAM } = await inspect().catch((error: unknown) => {
        throw engineFailure(`looking at the network ${name}`, error, address)
      })
      const gateway = IPAM?.Config?.[0]?.Gateway
      if (gateway === undefined)
        throw new Error(
          `the network ${name} has no gateway through which instances could reach the server`,
        )
      return gateway
    },

    /**
     * Whether it is gone. Not while a container uses it; the engine's other errors change nothing.
     */
    async removeUnused(): Promise<boolean> {
      return await api
        .getNetwork(name)
        .remove()
        .then(() => true, isNotFound)
    },

    async remove(): Promise<void> {
      await api
        .getNetwork(name)
        .remove()
        .catch((error: unknown) => {
          if (!isNotFound(error))
            throw engineFailure(`removing the network ${name}`, error, address)
        })
    },
  }
}

export type Network = ReturnType<typeof createNetwork>
