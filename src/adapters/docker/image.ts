import type { Engine } from './engine.ts'
import { engineFailure, isNotFound } from './failure.ts'

/**
 * Throws, with the remedy, unless the engine answers and has the image. Images are never pulled.
 */
export async function ensureImage({ api, address }: Engine, image: string): Promise<void> {
  await api.ping().catch((error: unknown) => {
    throw engineFailure('reaching the Docker engine', error, address)
  })
  await api
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
}

/** Null when the engine does not have the image, or does not say. */
export const imageId = ({ api }: Engine, image: string): Promise<string | null> =>
  api
    .getImage(image)
    .inspect()
    .then(
      ({ Id }) => Id,
      () => null,
    )
