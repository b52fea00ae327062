import { describe, expect, it } from 'vitest'
import { startRaw } from './egress-hosts.ts'
import { allowing, exchange, place, startEgress } from './egress-stage.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const asked = 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n'

describe('a host in plain HTTP', () => {
  it.each([
    ['the status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n'],
    ['the status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
    ['the status 999', 'HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n'],
    ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbytes'],
    ['an upgrade without its headers', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['an early hint and nothing else', 'HTTP/1.1 103 Hint\r\nLink: </a>\r\n\r\n'],
    ['a control character in a header', `${ok}X: a\x01b\r\nContent-Length: 0\r\n\r\n`],
    ['a NUL in a header', `${ok}X: a\0b\r\nContent-Length: 0\r\n\r\n`],
    ['a control character in its reason', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n'],
    ['bytes of another alphabet', `${ok}X: \xff\xfe\r\nContent-Length: 0\r\n\r\n`],
    ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    [
      'a length and an encoding',
      `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['an unknown encoding', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['a broken chunk', `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a body that is cut short', `${ok}Content-Length: 100\r\n\r\nabc`],
    ['a header without end', `${ok}X: ${'a'.repeat(100_000)}`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['nothing', ''],
  ])('that answers %s does not stop the proxy', async (_, bytes) => {
    const host = await startRaw((socket) => {
      socket.once('data', () => socket.end(Buffer.from(bytes, 'latin1')))
    })
    const stage = await startEgress(allowing('example.com'))
    place(stage, 'example.com', 80, host.port)
    const first = await exchange(stage, asked)
    expect(first).toMatch(/^(?:HTTP\/1\.1 \d{3} |$)/)
    expect(first.split('HTTP/1.1')).toHaveLength(first === '' ? 1 : 2)
    const again = await exchange(stage, asked)
    expect(again.split('\r\n')[0]).toBe(first.split('\r\n')[0])
  })
})
