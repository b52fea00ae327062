import { expect, it } from 'vitest'
import { CredentialId } from '../core/model/ids.ts'
import { permissionFor } from '../egress/allow-list.ts'
import { isModelHost, modelHosts, nearModels } from './egress.ts'

const vaultOf = (address: string): Parameters<typeof modelHosts>[0] => ({
  list: () => [{ id: CredentialId('a'), kind: 'api-key' }] as never,
  environmentOf: () => ({ ANTHROPIC_BASE_URL: address }),
})
const hostsOf = (address: string) => modelHosts(vaultOf(address))

it.each([
  ['http://litellm.corp:4000/v1', 'litellm.corp', 4000],
  ['https://litellm.corp', 'litellm.corp', 443],
  ['http://localhost', 'localhost', 80],
  ['http://[::1]:8080', '::1', 8080],
  ['http://10.0.0.5:8080', '10.0.0.5', 8080],
])('the model of the operator at %s is reached, also when it is private', (url, host, port) => {
  const target = { host, port, isAddress: host.includes('::') || host.startsWith('10.') }
  const permission = permissionFor(target, { mode: 'sealed', allow: hostsOf(url) })
  expect(permission).toMatchObject({ kind: 'granted', leadsTo: ['anywhere'] })
})

it('without an address of its own, a model is at the hosts of the provider', () => {
  expect(hostsOf('')).toContainEqual({
    ...{ host: 'api.anthropic.com', isBelow: false },
    ...{ port: null, leadsTo: 'public' },
  })
})

it('what instances send to the model is no upload, what they send elsewhere is', () => {
  expect(isModelHost(vaultOf(''), 'api.anthropic.com')).toBe(true)
  expect(isModelHost(vaultOf('http://litellm.corp:4000/v1'), 'litellm.corp')).toBe(true)
  expect(isModelHost(vaultOf('http://litellm.corp:4000/v1'), 'api.anthropic.com')).toBe(false)
  expect(isModelHost(vaultOf(''), 'pypi.org')).toBe(false)
})

it.each([
  ['http://172.17.0.1:8080', ['172.17.0.1']],
  ['http://[::1]:8080', ['::1']],
  ['http://93.184.216.34', []],
  ['https://litellm.corp', []],
  ['', []],
])('instances with a network reach a model at %s without the proxy: %j', (url, hosts) => {
  expect(nearModels(vaultOf(url))).toEqual(hosts)
})
