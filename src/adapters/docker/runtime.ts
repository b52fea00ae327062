import { realpathSync } from 'node:fs'
import type { RunId } from '../../core/model/ids.ts'
import type { Place } from '../../claude/launch/place.ts'
import { commonPlace, type HostingOptions } from '../../hosting/hosting-options.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { createCheckRunner } from './check.ts'
import { createContainers } from './containers.ts'
import { createDirectories, launchFolder } from './directories.ts'
import { type Engine, findEngine } from './engine.ts'
import { containerUser, type DockerHost } from './host.ts'
import { ensureImage } from './image.ts'
import { createInstances } from './instances.ts'
import { createNetwork } from './network.ts'
import { inside, type Limits } from './template.ts'
import { createWorkspaces } from './workspaces.ts'

export interface DockerOptions extends HostingOptions {
  readonly run: RunId
  readonly image: string
  readonly limits: Limits
  /** An engine other than that of the `docker` command. */
  readonly engine?: Engine
}

/** Instances as hardened containers of the local engine. */
export function createDockerRuntime(options: DockerOptions): Runtime {
  const { run, image, limits } = options
  const engine = options.engine ?? findEngine()
  const user = containerUser()
  const host: DockerHost = { engine, run, image, limits, user, hub: realpathSync(options.hub) }
  const containers = createContainers(engine, run)
  const network = createNetwork(engine, run)
  const directories = createDirectories(realpathSync(options.stateDirectory), user)
  const place = () => placeOf(options)

  return {
    kind: 'docker',

    async ensureUsable() {
      await ensureImage(engine, image)
      await containers.removeHelpers()
      await network.ensure()
    },

    async serverAddress(port) {
      await network.ensure()
      const gateway = await network.gateway()
      return { url: `http://${gateway}:${port}`, listenOn: gateway }
    },

    instances: createInstances({ host, containers, network, directories, place }),
    workspaces: createWorkspaces(host, directories),
    files: directories,
    checkRunner: createCheckRunner(host),
  }
}

const placeOf = (options: DockerOptions): Place => ({
  ...commonPlace(options),
  hub: inside.hub,
  workspace: inside.workspace,
  outbox: `${inside.home}/.orchestrator/outbox`,
  tools: inside.tools,
  settings: `${inside.settings}/${launchFolder}`,
})
