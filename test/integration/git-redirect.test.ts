import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { serveGit } from './git-http.ts'
import { git, openStage } from './git-stage.ts'

const password = 'canary-of-the-origin'
const asWritten = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`

async function listen(handle: RequestListener) {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => server.close().closeAllConnections()
  return { port, [Symbol.asyncDispose]: async () => close() }
}

/** Asks everyone for a password, and notes what comes. */
const asking =
  (seen: (string | undefined)[], serve: RequestListener): RequestListener =>
  (request, response) => {
    const { authorization } = request.headers
    seen.push(authorization)
    if (authorization === asWritten) serve(request, response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  }

const to =
  (base: string): RequestListener =>
  ({ url = '' }, response) =>
    response.writeHead(302, { location: `${base}${url}` }).end()

describe('an origin that redirects', () => {
  it('to another host gives that one no password', async () => {
    await using stage = await openStage()
    const seen: (string | undefined)[] = []
    await using thief = await listen(asking(seen, serveGit(stage)))
    await using origin = await listen(to(`http://127.0.0.1:${thief.port}`))
    const url = `http://me:${password}@127.0.0.1:${origin.port}/origin.git`
    const repository = stage.repository({ origin: url })
    await expect(repository.ensureReady()).rejects.toThrow('give the server the right')
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((one) => one !== undefined)).toEqual([])
  })

  it('to another path of its own is followed with the password', async () => {
    await using stage = await openStage()
    const serve = asking([], serveGit(stage))
    await using origin = await listen((request, response) => {
      const [, moved] = /^\/moved(\/.*)$/.exec(request.url ?? '') ?? []
      if (moved === undefined) to('/moved')(request, response)
      else serve(Object.assign(request, { url: moved }), response)
    })
    const url = `http://me:${password}@127.0.0.1:${origin.port}/origin.git`
    const { head } = await stage.repository({ origin: url }).ensureReady()
    expect(await git(stage.origin, 'rev-parse', 'main')).toBe(head)
  })
})
