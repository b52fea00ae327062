import { describe, expect, it } from 'vitest'
import { ownNames } from './own-addresses.ts'

const named = (host: string, port = 7700, publicUrl: string | null = null) =>
  ownNames({ host, port, publicUrl })

describe('the names of this server', () => {
  it('are those of loopback and its address, with its port', () => {
    const { hosts, origins } = named('192.168.1.5')
    const authorities = ['localhost:7700', '127.0.0.1:7700', '[::1]:7700', '192.168.1.5:7700']
    expect([...hosts].toSorted()).toEqual(authorities.toSorted())
    expect([...origins].toSorted()).toEqual(authorities.map((each) => `http://${each}`).toSorted())
  })

  it('write an IPv6 address in brackets', () => {
    expect(named('fd00::7').hosts).toContain('[fd00::7]:7700')
    expect(named('::1').origins).toContain('http://[::1]:7700')
  })

  it('include the public address, and on it only its own scheme and port', () => {
    const { hosts, origins } = named('127.0.0.1', 7700, 'https://Team.Example')
    expect([hosts.has('team.example'), hosts.has('team.example:443')]).toEqual([true, true])
    expect(origins.has('https://team.example')).toBe(true)
    for (const other of ['team.example:80', 'team.example:7700'])
      expect(hosts.has(other)).toBe(false)
    for (const other of [
      'http://team.example',
      'https://team.example:443',
      'https://team.example:7700',
    ])
      expect(origins.has(other)).toBe(false)
  })

  it.each([
    ['http://team.example', 'http://team.example', ['team.example', 'team.example:80']],
    ['http://team.example:80/', 'http://team.example', ['team.example', 'team.example:80']],
    ['https://team.example:8443', 'https://team.example:8443', ['team.example:8443']],
    ['https://[fd00::7]', 'https://[fd00::7]', ['[fd00::7]', '[fd00::7]:443']],
  ])('leave out the default port of %s', (publicUrl, origin, authorities) => {
    const { hosts, origins } = named('127.0.0.1', 7700, publicUrl)
    expect(origins).toContain(origin)
    for (const each of authorities) expect(hosts).toContain(each)
  })

  it('need no port where the server itself uses the default one', () => {
    expect(named('127.0.0.1', 80).hosts).toContain('localhost')
    expect(named('127.0.0.1', 80).origins).toContain('http://localhost')
  })
})
