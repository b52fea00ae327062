import { describe, expect, it } from 'vitest'
import { outwardVariables } from './outward-variables.ts'

const server = 'http://172.18.0.1:7700'

describe('variables for programs in an operator’s network', () => {
  it('are none where nothing is set', () => {
    expect(outwardVariables({ proxy: null, direct: ['a'], certificates: null }, server)).toEqual({})
  })

  it('name the proxy, and do not lead the instance’s way to the server through it', () => {
    const proxy = 'http://proxy.example:3128'
    const direct = ['corp.example']
    const variables = outwardVariables({ proxy, direct, certificates: null }, server)
    expect(variables).toMatchObject({ HTTPS_PROXY: proxy, http_proxy: proxy })
    const list = 'localhost,127.0.0.1,172.18.0.1,corp.example'
    expect(variables).toMatchObject({ NO_PROXY: list, no_proxy: list })
  })

  it('name IPv6 addresses with brackets and without: programs differ in what they compare', () => {
    const proxy = 'http://proxy.example:3128'
    const direct = ['::1', 'fd00::/8']
    const around = { proxy, direct, certificates: null }
    const { NO_PROXY } = outwardVariables(around, 'http://[fd00::7]:7700')
    expect(NO_PROXY).toBe('localhost,127.0.0.1,fd00::7,[fd00::7],::1,[::1],fd00::/8')
  })

  it('name the certificates for each kind of program', () => {
    const variables = outwardVariables({ proxy: null, direct: [], certificates: '/ca.pem' }, server)
    expect(new Set(Object.values(variables))).toEqual(new Set(['/ca.pem']))
    expect(Object.keys(variables)).toContain('NODE_EXTRA_CA_CERTS')
  })
})
