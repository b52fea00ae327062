import { describe, expect, it } from 'vitest'
import { plainOutbound } from '../outbound/outbound.ts'
import { proxyOfInstances, withheldProxy } from './outbound.ts'

const through = (proxy: string) => ({ ...plainOutbound, proxy: new URL(proxy) })
const docker = { network: 'open', runtime: 'docker' } as const
const processes = { network: 'open', runtime: 'process' } as const

describe('the proxy of instances with a network', () => {
  it('is the upstream proxy', () => {
    const outbound = through('http://proxy.example')
    expect(proxyOfInstances(docker, outbound)).toBe('http://proxy.example:80')
    expect(withheldProxy(docker, outbound)).toBeNull()
  })

  it('is none when its URL has a user name, which agents could read', () => {
    for (const user of ['me', 'me:canary']) {
      const outbound = through(`http://${user}@proxy.example:3128`)
      expect(proxyOfInstances(docker, outbound)).toBeNull()
      expect(withheldProxy(docker, outbound)).toMatch(/which agents could read/)
    }
  })

  it('is none for containers when it is on loopback, which is their own', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const outbound = through(`http://${host}:3128`)
      expect(withheldProxy(docker, outbound)).toMatch(/loopback/)
      expect(proxyOfInstances(processes, outbound)).toBe(`http://${host}:3128`)
    }
  })

  it('is none for instances without a network, which have that of the server', () => {
    for (const network of ['sealed', 'proxied'] as const) {
      const outbound = through('http://me:canary@proxy.example:3128')
      expect(proxyOfInstances({ ...docker, network }, outbound)).toBeNull()
      expect(withheldProxy({ ...docker, network }, outbound)).toBeNull()
    }
  })
})
