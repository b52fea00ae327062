import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import type { Outbound } from '../../src/outbound/outbound.ts'
import { createTransport } from '../../src/gateway/transport.ts'
import { gatewayLimits } from '../../src/gateway/limits.ts'
import { allowing, ended, handshake, openTunnel, proxied, startEgress } from './egress-stage.ts'
import { onEnd, startHttp } from './egress-hosts.ts'
import { ask, openGateway, streamWhole } from './gateway-stage.ts'
import {
  anAuthority,
  outboundOf,
  password,
  secretForms,
  startCompanyProxy,
  startSecure,
} from './outbound-stage.ts'
import { askRaw, startRoute } from './registry-stage.ts'

const expectNoSecret = (said: string): void => {
  for (const secret of secretForms) expect(said).not.toContain(secret)
}

describe('a tunnel of an instance', () => {
  const name = 'pypi.company-test.example'
  const start = async () => {
    const authority = anAuthority()
    const port = await startSecure(authority, name, (_request, response) => response.end('found'))
    return { authority, proxy: await startCompanyProxy({ [`${name}:443`]: port }) }
  }

  it('goes through the proxy by its name, and its certificate is that of the company', async () => {
    const { authority, proxy } = await start()
    const stage = await startEgress(allowing(name), { upstreamProxy: { url: proxy.url } })
    const { status, socket } = await openTunnel(stage, `${name}:443`)
    expect(status).toBe(200)
    const trusting = { ca: authority.pem, rejectUnauthorized: true }
    const secure = await handshake(socket, { servername: name, ...trusting })
    secure.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(await text(secure)).toContain('found')
    expect(proxy.passed).toEqual([`${name}:443`])
  })

  it('reaches nothing without the setting', async () => {
    const { proxy } = await start()
    const stage = await startEgress(allowing(name))
    expect((await openTunnel(stage, `${name}:443`)).status).toBe(502)
    expect(proxy.passed).toEqual([])
  })

  it('must still name its host in the TLS handshake', async () => {
    const { proxy } = await start()
    const stage = await startEgress(allowing(name), { upstreamProxy: { url: proxy.url } })
    const { socket } = await openTunnel(stage, `${name}:443`)
    const other = handshake(socket, { servername: 'other.example' })
    await expect(other).rejects.toThrow(/unrecognized name/)
    await ended(socket)
    expect(stage.refusals).toMatchObject([{ reason: 'server-name' }])
  })

  it('fails with the name of a proxy that refuses the password, and without the password', async () => {
    const { proxy } = await start()
    const stage = await startEgress(allowing(name), { upstreamProxy: { url: proxy.refusedUrl } })
    expect((await openTunnel(stage, `${name}:443`)).status).toBe(502)
    expect(proxy.refused).toEqual([`${name}:443`])
    expect(stage.tunnels[0]?.cause).toContain(`${proxy.url.origin} answers 407`)
    expectNoSecret(JSON.stringify(stage.tunnels))
  })

  it('goes to the proxy where name servers of this machine fail or stay silent', async () => {
    const { proxy } = await start()
    for (const resolve of [
      () => Promise.reject(new Error('getaddrinfo EAI_AGAIN')),
      () => new Promise<never>(() => undefined),
    ]) {
      const upstreamProxy = { url: proxy.url }
      const stage = await startEgress(allowing(name), { upstreamProxy, resolve })
      expect((await openTunnel(stage, `${name}:443`)).status).toBe(200)
    }
    expect(proxy.passed).toHaveLength(2)
  })

  it('does not take the proxy to names of the operator’s network', async () => {
    const inside = 'git.inside.example'
    const { proxy } = await start()
    const stage = await startEgress(proxied('db.corp'), {
      upstreamProxy: { url: proxy.url, isDirect: (host) => host === inside },
    })
    // The operator’s list says that it is not behind the proxy, and it is not known here.
    expect((await openTunnel(stage, `${inside}:443`)).status).toBe(502)
    // No entry allows these, and no public name ends like them.
    for (const host of ['metadata.google.internal', 'wiki.corp', 'printer.local'])
      expect((await openTunnel(stage, `${host}:443`)).status, host).toBe(502)
    for (const address of ['10.0.0.1:443', '169.254.169.254:80', '[::1]:443'])
      expect((await openTunnel(stage, address)).status, address).toBe(403)
    expect(proxy.passed).toEqual([])
  })
})

describe('the gateway', () => {
  const name = 'model.company-test.example'
  const connectTimeoutMs = 20_000
  const open = async (way: (authority: ReturnType<typeof anAuthority>, url: URL) => Outbound) => {
    const authority = anAuthority()
    const port = await startSecure(authority, name, (request, response) => {
      request.resume()
      // Longer than connecting may take: the deadline must have moved on.
      vi.advanceTimersByTime(connectTimeoutMs + 1)
      streamWhole(response)
    })
    const proxy = await startCompanyProxy({ [`${name}:443`]: port })
    const gateway = await openGateway({
      credentials: { a: `https://${name}` },
      outbound: way(authority, proxy.url),
      limits: { connectTimeoutMs },
    })
    onEnd(() => void gateway[Symbol.asyncDispose]())
    return { gateway, proxy }
  }

  it('asks the model through the proxy, on connections that are kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onEnd(() => void vi.useRealTimers())
    const { gateway, proxy } = await open((authority, url) => outboundOf(url, authority))
    for (const _ of [1, 2]) {
      const answer = await ask(gateway)
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('hello')
    }
    expect(proxy.passed).toEqual([`${name}:443`])
  })

  it('reaches no model without the proxy, nor without the certificate', async () => {
    const unproxied = await open((authority) => outboundOf(null, authority))
    expect((await ask(unproxied.gateway)).status).toBe(502)
    expect(unproxied.proxy.passed).toEqual([])
    const untrusting = await open((_, url) => outboundOf(url, null))
    expect((await ask(untrusting.gateway)).status).toBe(502)
    expect(untrusting.proxy.passed).toEqual([`${name}:443`])
  })

  it('asks a model on loopback without the proxy', async () => {
    const port = await startHttp((request, response) => {
      request.resume()
      streamWhole(response)
    })
    const proxy = await startCompanyProxy({})
    for (const host of ['127.0.0.1', 'localhost']) {
      const outbound = outboundOf(proxy.url, null)
      const credentials = { a: `http://${host}:${port}` }
      await using gateway = await openGateway({ credentials, outbound })
      expect((await ask(gateway)).status).toBe(200)
    }
    expect([...proxy.passed, ...proxy.refused]).toEqual([])
  })

  it('names a proxy that refuses the password or does not answer, and no password', async () => {
    const { refusedUrl, refused } = await startCompanyProxy({})
    const away = new URL(`http://me:${encodeURIComponent(password)}@127.0.0.1:9`)
    const failureOf = async (proxy: URL, address: string): Promise<string> => {
      using transport = createTransport(gatewayLimits, outboundOf(proxy, null))
      const asking = { method: 'GET', url: new URL(address), headers: {}, body: null } as const
      const error: unknown = await transport.send(asking, AbortSignal.timeout(9_000)).then(
        () => null,
        (failure: unknown) => failure,
      )
      expectNoSecret(JSON.stringify([error, String(error), (error as Error).stack]))
      return (error as Error).message
    }
    const where = `the upstream proxy ${refusedUrl.origin}`
    for (const scheme of ['https', 'http'])
      expect(await failureOf(refusedUrl, `${scheme}://${name}/`)).toBe(
        `${where} refuses the user name and password of its URL (407)`,
      )
    expect(refused).toEqual([`${name}:443`, name])
    expect(await failureOf(away, `https://${name}/`)).toBe(
      'the upstream proxy http://127.0.0.1:9 cannot be reached (ECONNREFUSED)',
    )
  })
})

describe('the registry route', () => {
  const name = 'npm.company-test.example'
  const start = async () => {
    const authority = anAuthority()
    const port = await startSecure(authority, name, (request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ name: 'tiny', asked: request.url }))
    })
    const proxy = await startCompanyProxy({ [`${name}:443`]: port })
    return { authority, proxy, url: new URL(`https://${name}/npm/`) }
  }

  it('reads packages through the proxy', async () => {
    const { authority, proxy, url } = await start()
    const route = await startRoute({ url, outbound: outboundOf(proxy.url, authority) })
    expect(await askRaw(route, 'tiny')).toMatchObject({
      status: 200,
      body: '{"name":"tiny","asked":"/npm/tiny"}',
    })
    expect(proxy.passed).toEqual([`${name}:443`])
  })

  it('reads nothing without the proxy, without the certificate, or with a wrong password', async () => {
    const { authority, proxy, url } = await start()
    for (const outbound of [
      outboundOf(null, authority),
      outboundOf(proxy.url, null),
      outboundOf(proxy.refusedUrl, authority),
    ]) {
      const route = await startRoute({ url, outbound })
      const { status, body } = await askRaw(route, 'tiny')
      expect(status).toBe(502)
      expectNoSecret(body)
    }
    expect(proxy.refused).toEqual([`${name}:443`])
  })

  it('follows no redirect to a host that the proxy does not serve and that is private', async () => {
    const authority = anAuthority()
    const port = await startSecure(authority, name, (_request, response) => {
      response.writeHead(302, { location: 'https://localhost:1/secret' }).end()
    })
    const proxy = await startCompanyProxy({ [`${name}:443`]: port })
    const outbound = outboundOf(proxy.url, authority)
    const route = await startRoute({ url: new URL(`https://${name}/`), outbound })
    expect((await askRaw(route, 'tiny')).status).toBe(502)
    expect(proxy.passed).toEqual([`${name}:443`])
  })
})
