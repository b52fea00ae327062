import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startHttp } from './egress-hosts.ts'
import { allowing, ask, connectRaw, ended, place, startEgress } from './egress-stage.ts'

const valid = [
  'GET http://example.com/a HTTP/1.1\r\nHost: example.com\r\nX: y\r\n\r\n',
  'POST http://example.com/a HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc',
  'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n\x16\x03\x01\x00\x01\x01',
  'CONNECT example.com:80 HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: example.com\r\n\r\n',
]
const change = fc.record({
  at: fc.nat(200),
  remove: fc.nat(3),
  insert: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('\r\n', '\n', ' ', '@', ':', '[', '%', '\0', '\xff', '//', 'Host: evil\r\n'),
  ),
})
const input = fc
  .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([text, changes]) =>
    changes.reduce(
      (now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove),
      text,
    ),
  )

describe('a hostile client', () => {
  it('stops the proxy with no bytes, and reaches no host but the listed one', async () => {
    const hosts: (string | undefined)[] = []
    const port = await startHttp((request, response) => {
      hosts.push(request.headers.host)
      response.end()
    })
    const limits = { headMs: 1_000, pace: { burst: 10_000, perSecond: 1_000 } }
    const stage = await startEgress(allowing('example.com'), { limits })
    place(stage, 'example.com', 80, port)
    stage.names.set('evil', [['93.184.216.35']])
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        const socket = await connectRaw(stage)
        socket.end(Buffer.from(bytes, 'latin1'))
        await ended(socket)
        socket.destroy()
      }),
      { numRuns: 1_000 },
    )
    expect(new Set(stage.lookups)).toEqual(new Set(['example.com']))
    expect(
      hosts.filter((host) => host?.toLowerCase().replace(/\.?(:80)?$/, '') !== 'example.com'),
    ).toEqual([])
    expect(await ask(stage, 'http://example.com/')).toMatchObject({ status: 200 })
  })
})
