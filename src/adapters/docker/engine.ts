import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import Dockerode from 'dockerode'
import { z } from 'zod'
import { limitAnswers } from './answer-limit.ts'

/** Under load, removing a container takes several seconds; an engine that hangs never answers. */
const defaultAnswerLimitMs = 60_000

export interface Engine {
  /** For calls that are answered at once: one without a whole answer is over after the limit. */
  readonly api: Dockerode
  /** For streams and waits, which may be silent. Use `beginning` to limit their first answer. */
  readonly streams: Dockerode
  readonly answerLimitMs: number
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
export function findEngine(
  variables: Variables = process.env,
  { answerLimitMs = defaultAnswerLimitMs }: { readonly answerLimitMs?: number } = {},
): Engine {
  const { socketPath, ...found } = locate(variables)
  const place = socketPath === null ? {} : { socketPath }
  return {
    ...found,
    answerLimitMs,
    api: limitAnswers(new Dockerode({ ...place, timeout: answerLimitMs }), answerLimitMs),
    streams: new Dockerode(place),
  }
}

/** `socketPath`: null where Dockerode finds the engine itself. */
type Location = Pick<Engine, 'cli' | 'address'> & { readonly socketPath: string | null }

function locate(variables: Variables): Location {
  const host = variables.DOCKER_HOST
  if (host !== undefined && host !== '') {
    const socketPath = host.startsWith(LOCAL) ? host.slice(LOCAL.length) : null
    return { socketPath, cli: ['docker', '--host', host], address: host }
  }

  const configDirectory = variables.DOCKER_CONFIG ?? join(homedir(), '.docker')
  const context = variables.DOCKER_CONTEXT ?? currentContext(configDirectory)
  if (context === 'default')
    return { socketPath: null, cli: ['docker'], address: 'unix:///var/run/docker.sock' }

  const endpoint = endpointOf(configDirectory, context)
  if (!endpoint.startsWith(LOCAL)) {
    throw new Error(
      `the Docker context ${context} points at ${endpoint}, but instances need an engine on ` +
        'this machine: ' +
        'choose another context (docker context use default), or set DOCKER_HOST',
    )
  }
  return {
    socketPath: endpoint.slice(LOCAL.length),
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
