import { createHash } from 'node:crypto'
import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import fastify from 'fastify'
import type { RegistryLimits } from '../../src/registry/limits.ts'
import { registryLimits } from '../../src/registry/limits.ts'
import { createRegistry, type RegistryOptions } from '../../src/registry/registry.ts'
import { onEnd, startHttp } from './egress-hosts.ts'

export interface RegistryStage {
  /** The registry's address for clients, with a slash at its end. */
  readonly address: string
}

/** The route on a surface of its own, as instances reach it. */
export const publicRegistry = new URL('https://npm.example/')

export async function startRoute(
  options: Omit<RegistryOptions, 'callerOf' | 'nameInLockFiles'> & {
    readonly nameInLockFiles?: URL
  },
  limits: Partial<RegistryLimits> = {},
): Promise<RegistryStage> {
  const app = fastify()
  await app.register(
    createRegistry(
      { nameInLockFiles: publicRegistry, ...options, callerOf: () => 'worker-1' },
      { ...registryLimits, ...limits },
    ),
    { prefix: '/registry/npm' },
  )
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  onEnd(() => {
    app.server.closeAllConnections()
    void app.close()
  })
  return { address: `${address}/registry/npm/` }
}

export interface AskedOfRegistry {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** A registry with the package `tiny`, and what the test adds to it. */
export async function startRegistry(
  more: (...parameters: Parameters<RequestListener>) => boolean = () => false,
): Promise<{ readonly url: URL; readonly asked: AskedOfRegistry[] }> {
  const asked: AskedOfRegistry[] = []
  const tarball = Buffer.from('the bytes of a tarball')
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  let address = ''
  const port = await startHttp((request, response) => {
    const { method, url, headers } = request
    asked.push({ method, url, headers })
    if (more(request, response)) return
    if (url === '/npm/tiny/-/tiny-1.0.0.tgz') {
      response.writeHead(200, { 'content-length': tarball.length, 'set-cookie': 'canary=1' })
      response.end(tarball)
    } else if (url === '/npm/tiny') {
      const dist = { tarball: `${address}tiny/-/tiny-1.0.0.tgz`, integrity }
      const metadata = { name: 'tiny', versions: { '1.0.0': { version: '1.0.0', dist } } }
      const headersOut = {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        etag: '"1"',
      }
      if (headers['if-none-match'] === '"1"') response.writeHead(304, headersOut).end()
      else response.writeHead(200, headersOut).end(gzipSync(JSON.stringify(metadata)))
    } else response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
  })
  address = `http://127.0.0.1:${port}/npm/`
  return { url: new URL(address), asked }
}

/** The path as it is, which `fetch` would tidy up. */
export async function askRaw(
  { address }: RegistryStage,
  path: string,
  options: http.RequestOptions & { readonly body?: string } = {},
): Promise<{
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}> {
  const { hostname, port } = new URL(address)
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const { body, ...rest } = options
  const request = http.request({
    hostname,
    port,
    path: `/registry/npm/${path}`,
    agent: false,
    ...rest,
  })
  request.once('response', resolve).once('error', reject).end(body)
  const response = await promise
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    // A body that is cut short is what some tests want.
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  }
}
