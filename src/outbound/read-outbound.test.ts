import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedact } from '../lib/redact.ts'
import { secretsOfProxy, withoutPassword } from './outbound.ts'
import { type OutboundSettings, readOutbound } from './read-outbound.ts'

const secret = 'hunter2-canary'
let directory = ''
const at = (name: string): string => join(directory, name)
const unset = { upstreamProxy: null, directHosts: null, caFile: null }
const read = (settings: Partial<OutboundSettings>, environment: NodeJS.ProcessEnv = {}) =>
  readOutbound({ file: '/etc/orchestrator.json', ...unset, ...settings }, environment)

const write = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(at(name), text)
  chmodSync(at(name), mode)
  return at(name)
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'outbound-'))
  const about = ['-subj', '/CN=Company', '-days', '1', '-nodes', '-newkey', 'rsa:2048']
  const files = ['-keyout', at('key.pem'), '-out', at('ca.pem')]
  execFileSync('openssl', ['req', '-x509', ...about, ...files], { stdio: 'ignore' })
})
afterAll(() => rmSync(directory, { recursive: true }))

it('a short password of the proxy is taken out beside its user only, since words hold it too', () => {
  expect(secretsOfProxy(new URL('http://me:merge@proxy.example:3128'))).toEqual(['me:merge'])
})

describe('a user name of the proxy without a password', () => {
  const redact = (proxy: string) => createRedact(() => secretsOfProxy(new URL(proxy)))

  it('is the secret: a token, in the URL, decoded, and in the header of a request', () => {
    const clean = redact('http://tok%2Dcanary-of-the-proxy@proxy.example:3128')
    const token = 'tok-canary-of-the-proxy'
    const header = Buffer.from(`${token}:`).toString('base64')
    for (const shown of ['tok%2Dcanary-of-the-proxy', token, header])
      expect(clean(`before ${shown} after`)).toBe('before [secret] after')
  })

  it.each(['me', 'worker-1'])('is taken out of header and URL alone when it is %s', (name) => {
    const clean = redact(`http://${name}@proxy.example:3128`)
    expect(clean(`Basic ${Buffer.from(`${name}:`).toString('base64')}`)).toBe('[secret]')
    for (const url of [`http://${name}@proxy.example`, `http://${name}:@proxy.example:3128`])
      expect(clean(url)).toMatch(/^http:\[secret\]proxy\.example/)
    expect(clean(`merge ${name}: name: x`)).toBe(`merge ${name}: name: x`)
  })

  it('is refused in the settings, which others may read, and taken from a file', async () => {
    const upstreamProxy = `http://${secret}@proxy.example:3128`
    const { outbound, problems } = await read({ upstreamProxy })
    expect(problems).toMatchObject([{ key: 'upstreamProxy', what: 'holds a user name' }])
    expect(JSON.stringify(problems)).not.toContain(secret)
    expect(outbound.proxy).toBeNull()
    const fromFile = await read({ upstreamProxy: write('token', `${upstreamProxy}\n`) })
    expect(fromFile.outbound.proxy?.username).toBe(secret)
  })
})

describe('the upstream proxy', () => {
  it('is none, unless the settings or the environment name one', async () => {
    const { outbound, problems } = await read({})
    expect(outbound).toMatchObject({ proxy: null, certificates: [] })
    expect(problems).toEqual([])
  })

  it('is a URL of the settings, or that of a file, whose password is a secret', async () => {
    const { outbound: open } = await read({ upstreamProxy: 'http://proxy.example:3128' })
    expect(open.proxy?.href).toBe('http://proxy.example:3128/')
    expect(secretsOfProxy(open.proxy)).toEqual([])
    const upstreamProxy = write('proxy', 'http://me:hunter2%40x@proxy.example:3128\n')
    const { outbound, problems } = await read({ upstreamProxy })
    expect(problems).toEqual([])
    expect(outbound.proxy?.password).toBe('hunter2%40x')
    expect(secretsOfProxy(outbound.proxy)).toEqual([
      ...['hunter2@x', 'hunter2%40x'],
      ...['me:hunter2@x', 'me:hunter2%40x'],
    ])
    expect(withoutPassword(outbound.proxy ?? new URL('http://x'))).toBe('http://proxy.example:3128')
  })

  it('is that of the environment otherwise, also without a scheme, unless it is "none"', async () => {
    const environment = { HTTPS_PROXY: 'proxy.example:3128', NO_PROXY: 'a.example, 10.0.0.0/8' }
    const { outbound } = await read({}, environment)
    expect(outbound.proxy?.href).toBe('http://proxy.example:3128/')
    expect(outbound.direct.entries).toEqual(['a.example', '10.0.0.0/8'])
    const lower = await read({}, { ...environment, https_proxy: 'http://lower.example:1' })
    expect(lower.outbound.proxy?.host).toBe('lower.example:1')
    const off = await read({ upstreamProxy: 'none', directHosts: [] }, environment)
    expect(off.outbound).toMatchObject({ proxy: null, direct: { entries: [] } })
  })

  it.each<[string, () => Partial<OutboundSettings>, NodeJS.ProcessEnv, RegExp]>([
    [
      'a URL of another kind',
      () => ({ upstreamProxy: `socks5://me:${secret}@p:1` }),
      {},
      /socks5:/,
    ],
    ['https', () => ({ upstreamProxy: 'https://proxy.example' }), {}, /begins with https:/],
    ['a path', () => ({ upstreamProxy: `http://me:${secret}@p/x` }), {}, /has more than a host/],
    ['a password', () => ({ upstreamProxy: `http://me:${secret}@p` }), {}, /holds a password/],
    [
      'a broken %',
      () => ({ upstreamProxy: write('b', `http://a:%zz${secret}@p`) }),
      {},
      /holds a %/,
    ],
    ['no file', () => ({ upstreamProxy: at('missing') }), {}, /missing is not there/],
    ['a directory', () => ({ upstreamProxy: directory }), {}, /is not a regular file/],
    [
      'a file that others read',
      () => ({ upstreamProxy: write('open', `http://me:${secret}@p`, 0o644) }),
      {},
      /can be read or written by others/,
    ],
    ['an empty file', () => ({ upstreamProxy: write('e', '\n') }), {}, /is not the URL of a proxy/],
    ['no URL in the environment', () => ({}), { https_proxy: `socks://me:${secret}@p` }, /socks:/],
    [
      'what is no host',
      () => ({ directHosts: ['http://a'] }),
      {},
      /"http:\/\/a", which is no name/,
    ],
  ])('that is %s is refused, and its password is not shown', async (_, settings, env, what) => {
    const { problems } = await read(settings(), env)
    expect(problems).toHaveLength(1)
    const [problem] = problems
    expect(`${problem?.file} ${problem?.what}`).toMatch(what)
    expect(problem?.remedy).toBeTruthy()
    expect(JSON.stringify(problems)).not.toContain(secret)
  })
})

describe('certificates of the operator', () => {
  const pem = () => readFileSync(at('ca.pem'), 'utf8')

  it('are those of the file, and no key that is in it too', async () => {
    const mixed = `# ours\n${pem()}${readFileSync(at('key.pem'), 'utf8')}${pem()}`
    const { outbound, problems } = await read({ caFile: write('mixed.pem', mixed, 0o644) })
    expect(problems).toEqual([])
    expect(outbound.certificates).toEqual([pem().trim()])
  })

  it('are those that the environment names otherwise', async () => {
    for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
      const { outbound } = await read({}, { [name]: at('ca.pem') })
      expect(outbound.certificates).toHaveLength(1)
    }
  })

  it.each([
    ['is not there', () => at('none.pem'), /none\.pem, which is not there/],
    ['holds none', () => write('text', 'hello'), /holds no certificate in PEM/],
    ['holds only a key', () => at('key.pem'), /holds no certificate in PEM/],
    [
      'is broken',
      () => write('cut.pem', `${pem()}${pem().replace(/\n.{30}/, '\nAAAA')}`),
      /cannot be read \(number 2\)/,
    ],
    ['is a directory', () => (mkdirSync(at('d')), at('d')), /is not a regular file/],
  ])('are refused when the file %s', async (_, path, what) => {
    const caFile = path()
    const ofSetting = await read({ caFile })
    expect(ofSetting.problems).toMatchObject([
      { file: '/etc/orchestrator.json', key: 'caFile', what: expect.stringMatching(what) },
    ])
    const ofVariable = await read({}, { SSL_CERT_FILE: caFile })
    expect(ofVariable.problems).toMatchObject([
      { file: "the server's environment", key: 'SSL_CERT_FILE', what: expect.stringMatching(what) },
    ])
  })
})
