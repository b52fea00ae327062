import { describe, expect, it } from 'vitest'
import { directHosts, isDirectHost } from './direct-hosts.ts'

describe('hosts that are reached without the proxy', () => {
  it.each([
    ['corp.example', 'corp.example'],
    ['corp.example', 'git.corp.example'],
    ['.corp.example', 'git.corp.example'],
    ['*.corp.example', 'a.b.corp.example'],
    ['Corp.Example', 'GIT.corp.example.'],
    ['10.0.0.0/8', '10.9.8.7'],
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8::/32', '2001:db8::1'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['*', 'anything.example'],
  ])('%s includes %s', (entry, host) => {
    expect(isDirectHost(entry)).toBe(true)
    expect(directHosts(['other.example', entry]).includes(host)).toBe(true)
  })

  it.each([
    ['corp.example', 'notcorp.example'],
    ['corp.example', 'corp.example.evil.example'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1.example'],
    ['198.51.100.7', '198.51.100.70'],
  ])('%s does not include %s', (entry, host) => {
    expect(directHosts([entry]).includes(host)).toBe(false)
  })

  it.each(['', 'a b', 'http://corp.example', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', 'a/b'])(
    '%j is none of them',
    (entry) => {
      expect(isDirectHost(entry)).toBe(false)
      expect(directHosts([entry]).includes('corp.example')).toBe(false)
    },
  )
})
