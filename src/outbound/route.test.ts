import { describe, expect, it } from 'vitest'
import { directHosts } from './direct-hosts.ts'
import { plainOutbound } from './outbound.ts'
import { createRoute, type LookUp } from './route.ts'

const proxied = {
  ...plainOutbound,
  proxy: new URL('http://proxy.example:3128'),
  direct: directHosts(['corp.example']),
}

const names: Readonly<Record<string, readonly string[]>> = {
  'model.company.example': ['10.1.2.3'],
  'studio.local': ['192.168.1.7', 'fe80::1'],
  'mixed.example': ['10.1.2.3', '93.184.216.34'],
  'api.example': ['93.184.216.34'],
}
const asked: string[] = []
const lookUp: LookUp = (name) => {
  asked.push(name)
  return Promise.resolve(names[name] ?? [])
}

describe('a request of the server', () => {
  it.each([
    'git.corp.example',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '10.9.8.7',
    '192.168.1.1',
    'model.company.example',
    'studio.local',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
  ])('goes to %s directly', async (host) => {
    expect(await createRoute(proxied, lookUp)(host)).toBe(true)
  })

  it.each(['api.example', 'unknown.example', 'mixed.example', '93.184.216.34'])(
    'goes to %s through the proxy',
    async (host) => {
      expect(await createRoute(proxied, lookUp)(host)).toBe(false)
    },
  )

  it('asks no name server where there is no proxy, and once where there is one', async () => {
    asked.length = 0
    expect(await createRoute(plainOutbound, lookUp)('api.example')).toBe(true)
    expect(asked).toEqual([])
    const goesDirectly = createRoute(proxied, lookUp)
    await goesDirectly('api.example')
    await goesDirectly('api.example')
    expect(asked).toEqual(['api.example'])
  })

  it('goes through the proxy when no name server answers', async () => {
    const failing = createRoute(proxied, () => Promise.reject(new Error('EAI_AGAIN')))
    expect(await failing('api.example')).toBe(false)
    const silent = createRoute(proxied, () => new Promise(() => undefined))
    expect(await silent('api.example')).toBe(false)
  })
})
