import { randomUUID } from 'node:crypto'
import type { InstanceId, TaskId } from '../../core/model/ids.ts'
import type { Salvage } from '../../ports/workspaces.ts'
import { engineFailure, isNotFound } from './failure.ts'
import type { DockerHost } from './host.ts'
import { labelNames } from './labels.ts'
import { containerOptions, inside, onlyHub } from './template.ts'

interface Order {
  /** On the host. */
  readonly workspace: string
  readonly instance: InstanceId
  readonly task: TaskId
}

/**
 * Creates a container with the workspace and nothing else of the instance, and without a network:
 * the instance may control what git runs there. The command that fetches from the container starts
 * it.
 */
export async function prepareSalvage(
  { engine: { api, address, cli }, tools, run, image, hub, limits, isolation, user }: DockerHost,
  { workspace, instance, task }: Order,
): Promise<Salvage> {
  const name = `orchestrator-${run}-salvage-${instance}-${randomUUID().slice(0, 8)}`
  const { directory } = await tools.ready()
  const options = containerOptions({
    name,
    image,
    labels: { [labelNames.run]: run },
    user,
    limits,
    isolation,
    hasOwnDisk: false,
    network: null,
    command: ['tini', '-g', '--', `${inside.tools}/salvage`, inside.workspace, task],
    isPipe: true,
    variables: {},
    mounts: { ...onlyHub(hub), workspace, tools: directory },
  })
  try {
    await api.createContainer(options)
  } catch (error) {
    throw engineFailure(`making a container to save the work of ${instance}`, error, address)
  }
  return {
    uploadPack: [...cli, 'start', '--attach', '--interactive', name],
    [Symbol.asyncDispose]: async () => {
      const removing = api.getContainer(name).remove({ force: true, v: true })
      await removing.catch((error: unknown) => {
        if (!isNotFound(error))
          throw engineFailure(`removing the container ${name}`, error, address)
      })
    },
  }
}
