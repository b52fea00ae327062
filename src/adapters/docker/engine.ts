import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import Dockerode from 'dockerode'
import { z } from 'zod'

export interface Engine {
  readonly api: Dockerode
  /** The command line that reaches the same engine, independent of the environment it runs in. */
  readonly cli: readonly string[]
  /** For messages. */
  readonly address: string
}

const LOCAL = 'unix://'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The engine that this user's `docker` command would use: `DOCKER_HOST`, or the current context, or
 * the default socket.
 */
export function findEngine(variables: Variables = process.env): Engine {
  const host = variables.DOCKER_HOST
  if (host !== undefined && host !== '') {
    const api = host.startsWith(LOCAL)
      ? new Dockerode({ socketPath: host.slice(LOCAL.length) })
      : new Dockerode()
    return { api, cli: ['docker', '--host', host], address: host }
  }

  const configDirectory = variables.DOCKER_CONFIG ?? join(homedir(), '.docker')
  const context = variables.DOCKER_CONTEXT ?? currentContext(configDirectory)
  if (context === 'default')
    return { api: new Dockerode(), cli: ['docker'], address: 'unix:///var/run/docker.sock' }

  const endpoint = endpointOf(configDirectory, context)
  if (!endpoint.startsWith(LOCAL)) {
    throw new Error(
      `the Docker context ${context} points at ${endpoint}, but instances need an engine on ` +
        'this machine: ' +
        'choose another context (docker context use default), or set DOCKER_HOST',
    )
  }
  return {
    api: new Dockerode({ socketPath: endpoint.slice(LOCAL.length) }),
    cli: ['docker', '--config', configDirectory, '--context', context],
    address: endpoint,
  }
}

function currentContext(configDirectory: string): string {
  const config = readJson(
    join(configDirectory, 'config.json'),
    z.looseObject({ currentContext: z.string().optional() }),
  )
  return config?.currentContext ?? 'default'
}

function endpointOf(configDirectory: string, context: string): string {
  const folder = createHash('sha256').update(context).digest('hex')
  const path = join(configDirectory, 'contexts', 'meta', folder, 'meta.json')
  const meta = readJson(
    path,
    z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) }),
  )
  if (meta === null)
    throw new Error(
      `the Docker context ${context} is not described in ${path}: choose one that docker ` +
        'context ls shows',
    )
  return meta.Endpoints.docker.Host
}

function readJson<Shape extends z.ZodType>(path: string, shape: Shape): z.output<Shape> | null {
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
