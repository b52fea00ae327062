import { describe, expect, it } from 'vitest'
import { parseTarget } from './target.ts'

const long = 'a'.repeat(63)

describe('a target', () => {
  it.each([
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.com:443', 'example.com', 443],
    ['example.com.:443', 'example.com', 443],
    ['xn--bcher-kva.de:443', 'xn--bcher-kva.de', 443],
    ['bücher.de:443', 'xn--bcher-kva.de', 443],
    ['my_host.example.com:80', 'my_host.example.com', 80],
    ['localhost:3000', 'localhost', 3000],
    [`${long}.${long}.${long}.${'a'.repeat(61)}:443`, undefined, 443],
  ])('%s is a name', (text, host, port) => {
    const parsed = parseTarget(text, null)
    expect(parsed).toEqual({
      ok: true,
      target: { host: host ?? text.slice(0, -4), port, isAddress: false },
    })
  })

  it.each([
    ['192.168.1.5:8080', '192.168.1.5'],
    ['[::1]:8080', '::1'],
    ['[0:0:0:0:0:0:0:1]:8080', '::1'],
    ['[FD00::A]:8080', 'fd00::a'],
    ['[::ffff:127.0.0.1]:8080', '::ffff:7f00:1'],
  ])('%s is an address', (text, host) => {
    const target = { host, port: 8080, isAddress: true }
    expect(parseTarget(text, null)).toEqual({ ok: true, target })
  })

  it.each([
    // other notations of an IPv4 address
    ['2130706433:443', 'address'],
    ['0x7f000001:443', 'address'],
    ['0x7F.1:443', 'address'],
    ['0177.0.0.1:443', 'address'],
    ['127.1:443', 'address'],
    ['127.0.0.1.:443', 'address'],
    ['0x7f.0x0.0x0.0x1:443', 'address'],
    ['1.2.3.4.5:443', 'address'],
    ['a.0x:443', 'address'],
    ['１２７.０.０.１:443', 'address'],
    ['[fe80::1%25eth0]:443', 'address'],
    ['[fe80::1%eth0]:443', 'address'],
    ['[127.0.0.1]:443', 'address'],
    ['[example.com]:443', 'address'],
    ['[]:443', 'address'],
    // not one name
    ['::1:443', 'name'],
    ['', 'name'],
    [':443', 'name'],
    ['.:443', 'name'],
    ['.example.com:443', 'name'],
    ['example..com:443', 'name'],
    ['example.com..:443', 'name'],
    ['-example.com:443', 'name'],
    ['example-.com:443', 'name'],
    ['example.com%00:443', 'name'],
    ['example%2ecom:443', 'name'],
    ['exa mple.com:443', 'name'],
    [' example.com:443', 'name'],
    ['example.com :443', 'name'],
    ['example.com\t:443', 'name'],
    ['example.com\r\nHost:evil.example:443', 'name'],
    ['example.com\0.evil.example:443', 'name'],
    ['example.com/:443', 'name'],
    ['example.com\\evil.example:443', 'name'],
    ['example.com?:443', 'name'],
    ['example.com#:443', 'name'],
    ['example.com,evil.example:443', 'name'],
    ['*.example.com:443', 'name'],
    ['http://example.com:443', 'name'],
    ['example.com:443:80', 'name'],
    ['bü%2echer.de:443', 'name'],
    [`${long}a.example:443`, 'name'],
    [`${`${long}.`.repeat(3)}${'a'.repeat(62)}:443`, 'name'],
    ['b\u00ad\u200d..de:443', 'name'],
    // user names
    ['user@example.com:443', 'userinfo'],
    ['example.com:443@evil.example:443', 'userinfo'],
    ['user:password@example.com:443', 'userinfo'],
    // ports
    ['example.com', 'port'],
    ['example.com:0', 'port'],
    ['example.com:65536', 'port'],
    ['example.com:0443', 'port'],
    ['example.com:', 'name'],
    ['example.com:+443', 'name'],
    ['example.com:443 ', 'name'],
    ['example.com:0x1bb', 'name'],
    ['example.com:4４3', 'name'],
  ])('%j is refused', (text, problem) => {
    expect(parseTarget(text, null)).toEqual({ ok: false, problem })
  })
})
