import { describe, expect, it } from 'vitest'
import { startRaw } from './egress-hosts.ts'
import { askRaw, publicRegistry, startRegistry, startRoute } from './registry-stage.ts'

describe('the registry route', () => {
  it('gives metadata whose tarballs are at the route, and the tarballs', async () => {
    const { url, asked } = await startRegistry()
    const route = await startRoute({ url })
    const { status, body } = await askRaw(route, 'tiny')
    expect(status).toBe(200)
    const tarball = `${route.address}tiny/-/tiny-1.0.0.tgz`
    expect(JSON.parse(body)).toMatchObject({ versions: { '1.0.0': { dist: { tarball } } } })
    const file = await askRaw(route, 'tiny/-/tiny-1.0.0.tgz')
    expect(file).toMatchObject({ status: 200, body: 'the bytes of a tarball' })
    expect(file.headers).not.toHaveProperty('set-cookie')
    expect(asked.map((each) => each.url)).toEqual(['/npm/tiny', '/npm/tiny/-/tiny-1.0.0.tgz'])
  })

  it('names the public registry to npm, which writes the address into lock files', async () => {
    const { url } = await startRegistry()
    const route = await startRoute({ url })
    const { body } = await askRaw(route, 'tiny', {
      headers: { 'user-agent': 'npm/11.0.0 node/v24' },
    })
    const tarball = `${publicRegistry.href}tiny/-/tiny-1.0.0.tgz`
    expect(JSON.parse(body)).toMatchObject({ versions: { '1.0.0': { dist: { tarball } } } })
  })

  it('answers HEAD, and a condition that holds, without a body', async () => {
    const { url } = await startRegistry()
    const route = await startRoute({ url })
    expect(await askRaw(route, 'tiny', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    const headers = { 'if-none-match': '"1"' }
    expect(await askRaw(route, 'tiny', { headers })).toMatchObject({ status: 304, body: '' })
  })

  it.each(['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    const { url, asked } = await startRegistry()
    const route = await startRoute({ url })
    const body = method === 'PUT' ? '{"an":"upload"}' : undefined
    const answer = await askRaw(route, 'tiny', {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET, HEAD')
    expect(answer.body).toContain('read-only')
    expect(asked).toEqual([])
  })

  it('passes on nothing that an instance writes but the path', async () => {
    const { url, asked } = await startRegistry()
    const route = await startRoute({ url })
    const canary = 'canary-of-an-instance'
    await askRaw(route, 'tiny', {
      headers: {
        authorization: `Bearer ${canary}`,
        cookie: canary,
        'user-agent': canary,
        accept: canary,
        'npm-session': canary,
        'x-anything': canary,
        'if-none-match': `"${canary}"\u00e9`,
      },
    })
    expect(asked).toHaveLength(1)
    expect(JSON.stringify(asked)).not.toContain(canary)
  })

  it.each([
    ...['../other', '%2e%2e/other', '..%2fother', 'a/../../other', 'tiny?write=true', '//evil'],
    ...['-/v1/search?text=a', '-/whoami', '', 'http://evil.example/tiny', 'tiny\\..\\other'],
  ])('has no path %j', async (path) => {
    const { url, asked } = await startRegistry()
    const route = await startRoute({ url, token: 'operator-canary' })
    expect((await askRaw(route, path)).status).toBe(404)
    expect(asked).toEqual([])
  })

  it("sends the operator's token to the registry, and nowhere else", async () => {
    const other = await startRegistry()
    const { url, asked } = await startRegistry(({ url: path }, response) => {
      const location = `http://127.0.0.1:${other.url.port}/stolen`
      const isMoved = path === '/npm/moved'
      if (isMoved) response.writeHead(302, { location }).end()
      return isMoved
    })
    const route = await startRoute({ url, token: 'operator-canary' })
    await askRaw(route, 'tiny')
    expect(asked[0]?.headers.authorization).toBe('Bearer operator-canary')
    // The other one is not public, so that it is not asked at all.
    expect((await askRaw(route, 'moved')).status).toBe(502)
    expect(other.asked).toEqual([])
  })

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://user:password@example.com/',
    'file:///etc/passwd',
  ])('follows no redirect to %s', async (location) => {
    const { url } = await startRegistry((_request, response) => {
      response.writeHead(302, { location }).end()
      return true
    })
    const route = await startRoute({ url })
    expect((await askRaw(route, 'tiny')).status).toBe(502)
  })

  it('follows a redirect within the registry, three times', async () => {
    const { url, asked } = await startRegistry(({ url: path = '' }, response) => {
      if (path === '/npm/old') response.writeHead(301, { location: '/npm/tiny' }).end()
      if (path === '/npm/circle') response.writeHead(301, { location: '/npm/circle' }).end()
      return path === '/npm/old' || path === '/npm/circle'
    })
    const route = await startRoute({ url })
    expect((await askRaw(route, 'old')).status).toBe(200)
    expect((await askRaw(route, 'circle')).status).toBe(502)
    expect(asked.filter((each) => each.url === '/npm/circle')).toHaveLength(4)
  })

  it('cuts off what is too large', async () => {
    const { url } = await startRegistry((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('x'.repeat(50_000))
      return true
    })
    const route = await startRoute({ url }, { metadataBytes: 10_000 })
    const { body } = await askRaw(route, 'tiny').catch(() => ({ body: '' }))
    expect(body.length).toBeLessThanOrEqual(10_000)
  })

  it('does not wait for a registry that says nothing', async () => {
    const { url } = await startRegistry(() => true)
    const route = await startRoute({ url }, { headersMs: 50 })
    expect((await askRaw(route, 'tiny')).status).toBe(502)
  })

  it('does not wait for a registry that answers with an upgrade', async () => {
    const { port } = await startRaw((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      )
    })
    const route = await startRoute({ url: new URL(`http://127.0.0.1:${port}/`) }, { open: 1 })
    for (let time = 0; time < 3; time += 1) expect((await askRaw(route, 'tiny')).status).toBe(502)
  })

  it('keeps its credentials to itself when the registry refuses them', async () => {
    const { url } = await startRegistry((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('{}')
      return true
    })
    const route = await startRoute({ url, token: 'operator-canary' })
    const answer = await askRaw(route, 'tiny')
    expect(answer.status).toBe(502)
    expect(answer.headers).not.toHaveProperty('www-authenticate')
  })

  it('reads a bounded number of packages at a time', async () => {
    const { url } = await startRegistry(() => true)
    const route = await startRoute({ url }, { open: 1, turnMs: 20, headersMs: 1_000 })
    const first = askRaw(route, 'tiny')
    expect((await askRaw(route, 'tiny')).status).toBe(503)
    expect((await first).status).toBe(502)
  })
})
