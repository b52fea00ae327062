import type Dockerode from 'dockerode'
import { isSpoken, readProtocol, toolProtocol } from '../../claude/launch/protocol.ts'
import type { LaunchRecord } from '../../hosting/outdated.ts'
import type { Engine } from './engine.ts'
import { engineFailure, isNotFound } from './failure.ts'
import { labelNames } from './labels.ts'

/**
 * Throws, with the remedy, unless the engine answers and has the image. Images are never pulled.
 */
export async function ensureImage({ api, address }: Engine, image: string): Promise<void> {
  await api.ping().catch((error: unknown) => {
    throw engineFailure('reaching the Docker engine', error, address)
  })
  const { Config } = await api
    .getImage(image)
    .inspect()
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw engineFailure(`looking for the image ${image}`, error, address)
      throw new Error(
        `the image ${image} is not on this machine. Build it (npm run image), or name ` +
          'another one as "image"',
        {
          cause: error,
        },
      )
    })
  const protocol = protocolOf(Config)
  const { oldest, newest } = toolProtocol
  if (!isSpoken(readProtocol(protocol), toolProtocol))
    throw new Error(
      `the tools in the image ${image} speak protocol ${protocol}, and this server speaks ` +
        `${oldest} to ${newest}. Build the image again: npm run image`,
    )
}

/** What a container of the image runs on now; null when that cannot be read. */
export const imageRecord = ({ api }: Engine, image: string): Promise<LaunchRecord | null> =>
  api
    .getImage(image)
    .inspect()
    .then(
      ({ Id, Config }) => ({ build: Id, protocol: protocolOf(Config) }),
      () => null,
    )

/** The label that `docker/worker/Dockerfile` sets; images before it have none. */
const protocolOf = ({ Labels }: Dockerode.ImageInspectInfo['Config']): string =>
  String(readProtocol(Labels?.[labelNames.protocol]))
