import { describe, expect, it } from 'vitest'
import { type EgressPolicy, entryOf, parseAllowedHost, permissionFor } from './allow-list.ts'

const policy = (mode: EgressPolicy['mode'], ...texts: string[]): EgressPolicy => ({
  mode,
  allow: texts.map((text) => {
    const parsed = parseAllowedHost(text)
    if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`)
    return parsed.host
  }),
})
const v4 = (address: string, prefix = 32) => ({ address, prefix })
const v6 = (address: string, prefix = 128) => ({ address, prefix })
const ask = (host: string, port: number, by: EgressPolicy, isAddress = false) => {
  const permission = permissionFor({ host, port, isAddress }, by)
  return permission.kind === 'refused' ? permission.reason : permission.leadsTo
}

describe('an entry of the list', () => {
  it.each([
    ['Example.COM', 'example.com', { host: 'example.com' }],
    ['example.com.', 'example.com', { host: 'example.com' }],
    ['bücher.de', 'xn--bcher-kva.de', { host: 'xn--bcher-kva.de' }],
    ['*.example.com', '*.example.com', { host: 'example.com', isBelow: true }],
    ['example.com:8443', 'example.com:8443', { host: 'example.com', port: 8443 }],
    ['nas:443', 'nas:443', { host: 'nas', port: 443 }],
    [
      '192.168.1.5:8080',
      undefined,
      { host: '192.168.1.5', port: 8080, leadsTo: v4('192.168.1.5') },
    ],
    ['[FD00::1]:8080', '[fd00::1]:8080', { host: 'fd00::1', port: 8080, leadsTo: v6('fd00::1') }],
    ['nas:80 in 10.0.0.5', undefined, { host: 'nas', port: 80, leadsTo: v4('10.0.0.5') }],
    ['nas:80  in 10.0.0.5/32', 'nas:80 in 10.0.0.5', { port: 80, leadsTo: v4('10.0.0.5') }],
    ['a.corp in 10.0.0.0/8', undefined, { host: 'a.corp', leadsTo: v4('10.0.0.0', 8) }],
    ['*.a.corp in 172.16.0.0/12', undefined, { isBelow: true, leadsTo: v4('172.16.0.0', 12) }],
    ['nas:80 in fc00::/7', undefined, { leadsTo: v6('fc00::', 7) }],
    ['nas:80 in FD00:0::5', 'nas:80 in fd00::5', { leadsTo: v6('fd00::5') }],
    ['nas:80 in fd00:1:2::/48', undefined, { leadsTo: v6('fd00:1:2::', 48) }],
    ['nas:80 in ::1', undefined, { leadsTo: v6('::1') }],
  ])('%s is read, and written in one way', (text, entry, about) => {
    const parsed = parseAllowedHost(text)
    if (!parsed.ok) throw new Error(parsed.problem)
    const usual = { ...parsed.host, isBelow: false, port: parsed.host.port, leadsTo: 'public' }
    expect(parsed.host).toEqual({ ...usual, ...about })
    expect(entryOf(parsed.host)).toBe(entry ?? text)
    expect(parseAllowedHost(entryOf(parsed.host))).toEqual(parsed)
  })

  it.each([
    ['', 'not a host'],
    ['*', 'not a host'],
    ['*.*', 'not a host'],
    ['*.com', 'every host'],
    ['*.1.2', 'not a host'],
    ['a.*.com', 'not a host'],
    ['*.example.com:443', 'not a host'],
    ['https://example.com', 'not a host'],
    ['example.com/path', 'not a host'],
    ['user@example.com', 'not a host'],
    ['nas', 'host:port'],
    ['10.0.0.1', 'address:port'],
    ['0x7f.1:80', 'not a host'],
    ['169.254.169.254:80', 'no instance'],
    ['[fd00:ec2::254]:80', 'no instance'],
    ['[::ffff:127.0.0.1]:80', 'no instance'],
    ['example.com:0', 'not a host'],
    ['nas in 10.0.0.0/8', 'host:port'],
    ['nas:80 in', 'not a host'],
    ['nas:80 in lan', 'cannot be read'],
    ['nas:80 in 10.0.0.0/', 'cannot be read'],
    ['nas:80 in 10.0.0.0/8/8', 'cannot be read'],
    ['nas:80 in fe80::1%eth0', 'cannot be read'],
    ['nas:80 in 0.0.0.0/0', 'too wide'],
    ['nas:80 in ::/0', 'too wide'],
    ['nas:80 in 10.0.0.0/33', 'too wide'],
    ['nas:80 in 10.0.0.5/8', 'first address'],
    ['nas:80 in fd00::1/64', 'first address'],
    ['nas:80 in 169.254.0.0/16', 'no instance'],
    ['nas:80 in fd00:ec2::254', 'no instance'],
    ['nas:80 in ::ffff:10.0.0.5', 'no instance'],
    ['10.0.0.5:80 in 10.0.0.0/8', 'needs no network'],
  ])('%j is refused', (text, problem) => {
    const parsed = parseAllowedHost(text)
    expect(parsed.ok ? '' : parsed.problem).toContain(problem)
  })
})

describe('the policy', () => {
  const sealed = policy('sealed', 'example.com', '*.example.org', 'git.corp.example:8443', 'nas:80')

  it('reaches the hosts of the list on the usual ports', () => {
    expect(ask('example.com', 443, sealed)).toEqual(['public'])
    expect(ask('example.com', 80, sealed)).toEqual(['public'])
    expect(ask('example.com', 22, sealed)).toBe('port')
    expect(ask('a.b.example.org', 443, sealed)).toEqual(['public'])
  })

  it.each([
    ...['evil.example', 'a.example.com', 'example.org', 'example.com.evil.example'],
    ...['notexample.com', 'evilexample.org', 'xn--exmple-cua.com', 'localhost'],
  ])('refuses %s, which looks alike', (host) => {
    expect(ask(host, 443, sealed)).toBe('not-listed')
  })

  it('takes an entry with a port for this port alone', () => {
    expect(ask('git.corp.example', 8443, sealed)).toEqual(['public'])
    expect(ask('git.corp.example', 443, sealed)).toBe('not-listed')
    expect(ask('nas', 80, sealed)).toEqual(['public'])
    expect(ask('nas', 443, sealed)).toBe('not-listed')
  })

  it('reaches no address without an exact entry', () => {
    expect(ask('93.184.216.34', 443, policy('proxied'), true)).toBe('address')
    const exact = policy('sealed', '192.168.1.5:8080')
    expect(ask('192.168.1.5', 8080, exact, true)).toEqual([v4('192.168.1.5')])
    expect(ask('192.168.1.6', 8080, exact, true)).toBe('address')
  })

  it('knows which names an entry allows, and which the mode alone', () => {
    const listed = (host: string, port: number) =>
      permissionFor({ host, port, isAddress: false }, policy('proxied', 'nas:80', '*.a.example'))
    expect(listed('nas', 80)).toMatchObject({ isListed: true })
    expect(listed('b.a.example', 443)).toMatchObject({ isListed: true })
    expect(listed('any.example', 443)).toMatchObject({ isListed: false })
  })

  it('leads a name to each network that the list names for it', () => {
    const named = policy('sealed', 'nas:80', 'nas:80 in 10.0.0.5', 'nas:443 in 10.0.0.6')
    expect(ask('nas', 80, named)).toEqual(['public', v4('10.0.0.5')])
    expect(ask('nas', 443, named)).toEqual([v4('10.0.0.6')])
  })

  it('reaches any public name when proxied, on the usual ports', () => {
    expect(ask('any.example', 443, policy('proxied'))).toEqual(['public'])
    expect(ask('any.example', 25, policy('proxied'))).toBe('port')
    expect(ask('any.example', 25, policy('proxied', 'any.example:25'))).toEqual(['public'])
    expect(ask('metadata', 80, policy('proxied'))).toBe('not-listed')
  })
})
