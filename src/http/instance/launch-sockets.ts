import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { InstanceId } from '../../core/model/ids.ts'
import { paceRequests } from '../../lib/paced-requests.ts'
import { SerialQueue } from '../../lib/serial-queue.ts'
import { type LaunchName, type LaunchSockets, socketNames } from '../../ports/launch-sockets.ts'
import { recordLaunch } from '../access/socket-launch.ts'
import { listenInDirectory } from './socket-directory.ts'

/**
 * More than an agent, its tools and a package manager open at the same time; the server's
 * descriptors must serve every instance.
 */
export const mostConnections = 128

/** Milliseconds; as fastify's own. */
const keepAliveTimeout = 72_000

/** Under this name the proxy counts and reports what checks ask for. */
const checkId = InstanceId('checks')

/** The routes that sockets serve. */
export interface SocketSurfaces {
  readonly instances: FastifyInstance
  /** Nothing of the run. */
  readonly checks: FastifyInstance
}

interface Options {
  readonly surfaces: Promise<SocketSurfaces>
  /** A proxy to other hosts for the instance. It does not listen yet; disposing ends it. */
  readonly proxyFor: (instance: InstanceId) => Disposable & { readonly server: Server }
  /** Milliseconds in which a whole request must arrive. */
  readonly arrivalLimitMs: number
}

interface Listening extends AsyncDisposable {
  readonly launch: LaunchName['launch']
}

/** Serves the routes for instances on a socket for each launch. */
export function createLaunchSockets(options: Options): LaunchSockets & AsyncDisposable {
  const listening = new Map<InstanceId, Listening>()
  const queue = new SerialQueue<InstanceId>()

  const close = async (instance: InstanceId): Promise<void> => {
    const current = listening.get(instance)
    listening.delete(instance)
    await current?.[Symbol.asyncDispose]()
  }

  const ensureOpen = async (name: LaunchName, directory: string): Promise<void> => {
    const { instance, launch } = name
    if (listening.get(instance)?.launch === launch) return
    await close(instance)
    const { instances: app } = await options.surfaces
    const record = (connection: Duplex): void => recordLaunch(connection, name)
    const sockets = await serve(directory, { app, record, instance }, options)
    listening.set(instance, { launch, ...sockets })
  }

  return {
    open: (name, directory) => queue.run(name.instance, () => ensureOpen(name, directory)),
    close: (instance) => queue.run(instance, () => close(instance)),
    async openForChecks(directory) {
      const { checks: app } = await options.surfaces
      return await serve(directory, { app, instance: checkId }, options)
    },
    openForProbe(directory) {
      const server = createServer((_, response) => response.end())
      return listenInDirectory(directory, { [socketNames.server]: server })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listening.keys()].map((each) => queue.run(each, () => close(each))))
    },
  }
}

interface Served {
  readonly app: FastifyInstance
  readonly instance: InstanceId
  readonly record?: (connection: Duplex) => void
}

async function serve(
  directory: string,
  { app, instance, record }: Served,
  { proxyFor, arrivalLimitMs }: Options,
): Promise<AsyncDisposable> {
  await app.ready()
  const server = createServer(
    {
      requestTimeout: arrivalLimitMs,
      headersTimeout: arrivalLimitMs,
      connectionsCheckingInterval: Math.min(2_000, arrivalLimitMs),
      keepAliveTimeout,
    },
    (request, response) => app.routing(request, response),
  )
  server.maxConnections = mostConnections
  paceRequests(server, record)
  const proxy = proxyFor(instance)
  const { server: names, proxy: other } = socketNames
  try {
    const sockets = await listenInDirectory(directory, { [names]: server, [other]: proxy.server })
    return {
      async [Symbol.asyncDispose]() {
        proxy[Symbol.dispose]()
        await sockets[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    proxy[Symbol.dispose]()
    throw error
  }
}
