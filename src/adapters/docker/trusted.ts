import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { getCACertificates } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { beginning } from './answer-limit.ts'
import { engineFailure } from './failure.ts'
import type { DockerHost } from './host.ts'
import { imageId } from './image.ts'
import { labelNames } from './labels.ts'
import { containerOptions, inside, onlyHub } from './template.ts'

/**
 * Writes what containers trust: the certificates of their image, and those of the operator. It
 * replaces the file by rename, so a running container keeps the one that it has.
 */
export async function writeTrusted(
  host: DockerHost,
  own: readonly string[],
  path: string,
): Promise<void> {
  const build = (await imageId(host.engine, host.image)) ?? 'unknown'
  const hash = createHash('sha256').update(own.join('\n')).digest('hex')
  const title = `# Of the image ${build}, and of the setting caFile (${hash})\n`
  const before = await readFile(path, 'utf8').catch(() => '')
  if (build !== 'unknown' && before.startsWith(title)) return
  const known = await bundleOfImage(host)
  // An image of another kind may keep its certificates elsewhere.
  const usual = known === null ? getCACertificates('bundled').join('\n') : known
  await writeFile(`${path}.new`, `${title}${usual.trimEnd()}\n${own.join('\n')}\n`, { mode: 0o644 })
  await rename(`${path}.new`, path)
}

/** Seconds in which a container must print the file. */
const printSeconds = 20
const largestBundle = 16 * 1024 ** 2

/** Null when the image has none. */
async function bundleOfImage(host: DockerHost): Promise<string | null> {
  const { run, image, hub, limits, isolation, user } = host
  const { api, streams, answerLimitMs, address } = host.engine
  const name = `orchestrator-${run}-certificates`
  const container = api.getContainer(name)
  const options = containerOptions({
    name,
    image,
    labels: { [labelNames.run]: run },
    user,
    limits,
    isolation,
    network: null,
    hasOwnDisk: false,
    isPipe: false,
    variables: {},
    // Packed, since the engine keeps only the end of a long output.
    command: ['sh', '-c', `[ -s "$1" ] && gzip -c "$1" | base64`, 'sh', inside.certificates],
    mounts: onlyHub(hub),
  })
  try {
    await api.createContainer(options)
    await container.start()
    const { StatusCode } = await beginning(
      printSeconds * 1_000 + answerLimitMs,
      (abortSignal) =>
        streams.getContainer(name).wait({ abortSignal }) as Promise<{ StatusCode: number }>,
    )
    if (StatusCode !== 0) return null
    const printed = (await container.logs({ stdout: true, stderr: false })).toString()
    const packed = Buffer.from(printed.replaceAll(/\s/g, ''), 'base64')
    return gunzipSync(packed, { maxOutputLength: largestBundle }).toString()
  } catch (error) {
    throw engineFailure(`reading the certificates of the image ${image}`, error, address)
  } finally {
    // What is left goes at the next start, like every container that is no instance.
    await container.remove({ force: true, v: true }).catch(() => undefined)
  }
}
