import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { refuse } from '../lib/refuse.ts'
import { Turns } from '../lib/turns.ts'
import { type RegistryLimits, registryLimits } from './limits.ts'
import { type PackagePath, readPackagePath } from './package-path.ts'
import { replaceTarballAddresses } from './tarball-addresses.ts'
import { createClient, type RegistryClient, type Upstream } from './upstream.ts'

export interface RegistryOptions extends Upstream {
  /** Whose request it is: what is bounded is bounded for each caller. */
  readonly callerOf: (request: FastifyRequest) => string
  /**
   * What npm writes into lock files as the registry: npm's built-in one, which every npm takes for
   * the registry that it has (`replace-registry-host`). Ends with a slash.
   */
  readonly nameInLockFiles: URL
}

/**
 * The packages of a registry for instances without a network: reading only, so that no account of
 * an attacker can take anything out. Mounted at a prefix, which clients use as their registry.
 */
export function createRegistry(
  options: RegistryOptions,
  limits: RegistryLimits = registryLimits,
): FastifyPluginAsync {
  return async (app) => {
    const client = createClient(options)
    app.addHook('onClose', async () => client[Symbol.dispose]())
    const turns = new Map<string, Turns>()
    const turnsOf = (caller: string): Turns => {
      const known = turns.get(caller) ?? new Turns(limits)
      turns.set(caller, known)
      return known
    }
    // A refused body is not read.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all<{ Params: { '*': string } }>('/*', async (request, reply) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return await refuseWriting(reply)
      const asked = readPackagePath(rawPathOf(request, app.prefix))
      if (asked === null) throw refuse(404, 'the registry route has no such path')
      const ours = addressOf(request, app.prefix, options.nameInLockFiles)
      const serving = { client, limits, registry: options.url, ours }
      await inTurn(turnsOf(options.callerOf(request)), async () => {
        // The client may have left while it waited.
        if (!reply.raw.destroyed) await serve(asked, request, reply, serving)
      })
      return reply
    })
  }
}

async function inTurn(turns: Turns, serving: () => Promise<void>): Promise<void> {
  using turn = await turns.enter()
  if (turn === null) throw refuse(503, 'too many packages are being read; try again later')
  await serving()
}

function refuseWriting(reply: FastifyReply): FastifyReply {
  return reply
    .code(405)
    .headers({ allow: 'GET, HEAD', connection: 'close' })
    .send({ error: 'this registry is read-only: packages cannot be published through it' })
}

/** Without decoding: what is decoded once here could be decoded again by the registry. */
function rawPathOf({ url }: FastifyRequest, prefix: string): string {
  return url.slice(prefix.length + 1)
}

interface Serving {
  readonly client: RegistryClient
  readonly limits: RegistryLimits
  readonly registry: URL
  /** Where the client finds the tarballs. */
  readonly ours: string
}

async function serve(
  asked: PackagePath,
  request: FastifyRequest,
  reply: FastifyReply,
  { client, limits, registry, ours }: Serving,
): Promise<void> {
  const closing = new AbortController()
  reply.raw.once('close', () => closing.abort())
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  const answer = await client
    .ask({
      method,
      path: asked.path,
      headers: headersFor(request, asked),
      headersMs: limits.headersMs,
      idleMs: limits.idleMs,
      signal: closing.signal,
    })
    .catch((cause: unknown) => {
      throw refuse(502, 'the registry cannot be reached', cause)
    })
  const hasBody = method === 'GET' && answer.statusCode !== 204 && answer.statusCode !== 304
  const isRewritten = asked.kind === 'metadata' && hasBody
  const steps = isRewritten
    ? [...unpacked(answer), bound(limits.metadataBytes), replaceTarballAddresses(registry, ours)]
    : [bound(limits.tarballBytes)]
  reply.hijack()
  reply.raw.writeHead(statusOf(answer), headersOf(answer, isRewritten))
  try {
    await pipeline([answer as Readable, ...steps, reply.raw])
  } catch (cause) {
    request.log.debug({ cause }, 'an answer of the registry ended early')
  }
}

/** Nothing of what an instance writes reaches the registry but the path and two conditions. */
function headersFor({ headers }: FastifyRequest, { kind }: PackagePath): OutgoingHttpHeaders {
  const short = 'application/vnd.npm.install-v1+json'
  const wantsShort = kind === 'metadata' && headers.accept?.includes(short) === true
  return {
    accept: wantsShort ? `${short}; q=1.0, application/json; q=0.8, */*` : '*/*',
    'accept-encoding': kind === 'metadata' ? 'gzip' : 'identity',
    'user-agent': 'claude-code-orchestrator',
    ...condition('if-none-match', headers['if-none-match']),
    ...condition('if-modified-since', headers['if-modified-since']),
  }
}

function condition(name: string, value: string | undefined): OutgoingHttpHeaders {
  return value !== undefined && /^[\w\s"/:,+=.-]{1,200}$/.test(value) ? { [name]: value } : {}
}

/**
 * The address that the client used; a name that it invents is for itself alone. npm writes the
 * addresses of tarballs into lock files, where one of this machine would break every other one: it
 * gets the name that the operator gives.
 */
function addressOf({ headers }: FastifyRequest, prefix: string, nameInLockFiles: URL): string {
  if (headers['user-agent']?.startsWith('npm/') === true) return nameInLockFiles.href
  const host = /^[\w.-]+(?::\d{1,5})?$/.exec(headers.host ?? '')?.[0] ?? '127.0.0.1'
  return `http://${host}${prefix}/`
}

const unpacked = (answer: IncomingMessage): readonly Transform[] =>
  answer.headers['content-encoding'] === 'gzip' ? [createGunzip()] : []

function bound(limit: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > limit) done(new Error(`the answer is larger than ${limit} bytes`))
      else done(null, chunk)
    },
  })
}

/** A registry that refuses the operator's token refuses nothing to the instance. */
function statusOf({ statusCode = 502 }: IncomingMessage): number {
  const isOdd = statusCode < 200 || statusCode > 599
  return isOdd || statusCode === 401 || statusCode === 403 ? 502 : statusCode
}

const passedOn = ['content-type', 'etag', 'last-modified', 'cache-control', 'content-length']

function headersOf({ headers }: IncomingMessage, isRewritten: boolean): OutgoingHttpHeaders {
  const wanted = passedOn.filter((name) => !(isRewritten && name === 'content-length'))
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
