import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../../claude/launch/place.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { LaunchName, LaunchSockets } from '../../ports/launch-sockets.ts'
import type { ServerAddress } from '../../ports/runtime.ts'
import type { Network } from './network.ts'
import { inside, noNetwork } from './template.ts'

/** How the containers of a run reach the server, and what else they reach. */
export interface Reach {
  readonly place: Place['network']
  /** As the engine shows it of a container. */
  readonly networkMode: string
  ensureUsable(): Promise<void>
  serverAddress(port: number): Promise<ServerAddress>
  /** For one run of the checks. */
  prepareCheck(name: string): Promise<CheckReach>
  /** Before the container of a launch starts; the result is for the container. */
  prepare(launch: LaunchName): Promise<Reached>
  /** For a container that runs. */
  adopt(launch: LaunchName): Promise<void>
  /** After the containers of the instance have ended. */
  close(instance: InstanceId): Promise<void>
  /** After all containers of the run have ended. */
  remove(): Promise<void>
}

export interface Reached {
  /** A network of the engine; null for none. */
  readonly network: string | null
  /** A directory of the host with sockets; null for none. */
  readonly sockets: string | null
}

export interface CheckReach extends Reached, AsyncDisposable {}

/** Over a bridge network, on which containers also reach the host and other networks. */
export function bridgeReach(network: Network): Reach {
  return {
    place: null,
    networkMode: network.name,
    ensureUsable: () => network.ensure(),
    async serverAddress(port) {
      await network.ensure()
      const gateway = await network.gateway()
      return { url: `http://${gateway}:${port}`, listenOn: gateway }
    },
    async prepare() {
      await network.ensure()
      return { network: network.name, sockets: null }
    },
    async prepareCheck() {
      await network.ensure()
      return { network: network.name, sockets: null, [Symbol.asyncDispose]: async () => undefined }
    },
    adopt: async () => undefined,
    close: async () => undefined,
    remove: () => network.remove(),
  }
}

/** Loopback ports of the container that `src/carrier/connections.ts` carries to the sockets. */
const serverPort = 7700
const proxyPort = 3128

/** What is the same in every container that uses sockets. */
export const insideNetwork = {
  sockets: inside.sockets,
  proxy: `http://127.0.0.1:${proxyPort}`,
  npmrc: `${inside.tools}/npmrc`,
} as const

export interface SocketParts {
  readonly sockets: LaunchSockets
  readonly paths: SocketPaths
  /** Throws unless containers reach a socket in the directory. */
  readonly ensureIsReached: (directory: string) => Promise<void>
  /** That of the run: containers of an earlier start may use it until they are replaced. */
  readonly network: Network
}

/**
 * Over sockets alone. Each launch has a directory of its own below the instance's, so that what is
 * left of an older launch cannot use those of a newer one.
 */
export function socketReach({ sockets, paths, ensureIsReached, network }: SocketParts): Reach {
  const { ofLaunch: pathOf, ofCheck } = paths
  let isNetworkGone = false
  const removeNetwork = async (): Promise<void> => {
    isNetworkGone ||= await network.removeUnused()
  }
  return {
    place: insideNetwork,
    networkMode: noNetwork,
    async ensureUsable() {
      await removeNetwork()
      const directory = ofCheck('probe')
      await mkdir(directory, { recursive: true, mode: 0o711 })
      try {
        await using _ = await sockets.openForProbe(directory)
        await ensureIsReached(directory)
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
    serverAddress: async () => ({ url: `http://127.0.0.1:${serverPort}`, listenOn: null }),
    async prepare({ instance, launch }) {
      await removeNetwork()
      await removeOthers(pathOf(instance), String(launch))
      const directory = pathOf(instance, String(launch))
      // The user of the container enters it but changes nothing; it is mounted read-only.
      await mkdir(directory, { recursive: true, mode: 0o711 })
      await sockets.open({ instance, launch }, directory)
      return { network: null, sockets: directory }
    },
    async prepareCheck(name) {
      const directory = ofCheck(name)
      await mkdir(directory, { recursive: true, mode: 0o711 })
      const opened = await sockets.openForChecks(directory)
      return {
        network: null,
        sockets: directory,
        async [Symbol.asyncDispose]() {
          await opened[Symbol.asyncDispose]()
          await rm(directory, { recursive: true, force: true })
        },
      }
    },
    async adopt({ instance, launch }) {
      const directory = pathOf(instance, String(launch))
      await mkdir(directory, { recursive: true, mode: 0o711 })
      await sockets.open({ instance, launch }, directory)
    },
    close: (instance) => sockets.close(instance),
    remove: () => network.remove(),
  }
}

/** Where sockets are, on the host. */
export interface SocketPaths {
  readonly ofLaunch: (instance: InstanceId, ...names: readonly string[]) => string
  readonly ofCheck: (name: string) => string
}

async function removeOthers(directory: string, kept: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names)
    if (name !== kept) await rm(join(directory, name), { recursive: true, force: true })
}
