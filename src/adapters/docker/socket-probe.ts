import { socketNames } from '../../ports/launch-sockets.ts'
import { RefusedSetting } from '../../ports/refused-setting.ts'
import { beginning } from './answer-limit.ts'
import type { DockerHost } from './host.ts'
import { labelNames } from './labels.ts'
import { containerOptions, inside, onlyHub } from './template.ts'

/** Reports an error that does not stop the work. */
export type OnProblem = (what: string, error: unknown) => void

/** Seconds in which the socket must answer. */
const answerSeconds = 5

const command = [
  ...['curl', '--silent', '--show-error', '--max-time', String(answerSeconds)],
  ...['--unix-socket', `${inside.sockets}/${socketNames.server}`, 'http://localhost/'],
]

/**
 * Throws, with the way out, when a container does not reach a socket that listens in this
 * directory. An engine in a virtual machine or on another machine mounts a directory without its
 * listeners, or does not find it at all. An engine that fails otherwise says nothing about sockets:
 * that is reported, and the start goes on.
 */
export async function ensureSocketIsReached(
  host: DockerHost,
  sockets: string,
  onProblem: OnProblem,
): Promise<void> {
  const { engine, run, image, hub, limits, isolation, user } = host
  const { api, streams, answerLimitMs } = engine
  const name = `orchestrator-${run}-probe`
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
    command,
    variables: {},
    mounts: { ...onlyHub(hub), sockets },
  })
  try {
    await api.createContainer(options)
    await container.start()
    const limitMs = answerSeconds * 1_000 + answerLimitMs
    const { StatusCode } = await beginning(
      limitMs,
      (abortSignal) =>
        streams.getContainer(name).wait({ abortSignal }) as Promise<{ StatusCode: number }>,
    )
    if (StatusCode === 0) return
    const output = await container.logs({ stdout: true, stderr: true })
    throw new RefusedSetting(refusal(output.toString().trim()))
  } catch (error) {
    if (error instanceof RefusedSetting) throw error
    if (isMissingMount(error)) throw new RefusedSetting(refusal(error.message))
    onProblem('whether containers reach sockets of this machine could not be tried', error)
  } finally {
    // What is left goes at the next start, like every container that is no instance.
    await container.remove({ force: true, v: true }).catch(() => undefined)
  }
}

/** The engine's machine does not have the directory. */
const isMissingMount = (error: unknown): error is Error =>
  error instanceof Error && /bind source path does not exist/.test(error.message)

const refusal = (reason: string): string =>
  `containers of this Docker engine do not reach sockets of this machine (${reason}), which the ` +
  'setting "network" needs for "sealed" and "proxied". An engine in a virtual machine or on ' +
  'another machine cannot share them, and gVisor needs --host-uds=open. Run the server where the ' +
  'engine runs, or set "network" to "open": containers then reach every address that this machine ' +
  'reaches'
