import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readClientHello } from './client-hello.ts'
import { clientHello, type HelloParts, inRecords } from '../../test/support/client-hello.ts'

const read = (parts: HelloParts) => readClientHello(inRecords(clientHello(parts)))
const name = fc.stringMatching(/^[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,5}$/)
const grease = { type: 0x2a2a, data: Buffer.from([0]) }

describe('a ClientHello', () => {
  it('is read, however it is cut into records and segments', () => {
    fc.assert(
      fc.property(
        name,
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 10 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(3_000),
        (serverName, cuts, after, padding) => {
          const extensions = [grease, { type: 21, data: Buffer.alloc(padding) }]
          const message = clientHello({ names: [serverName], extensions })
          const hello = inRecords(message, cuts)
          const stream = Buffer.concat([hello, after])
          const whole = readClientHello(stream)
          expect(whole).toEqual({
            kind: 'hello',
            hello: { serverName, isEncrypted: false, bytes: hello.length },
          })
          for (let length = 0; length < hello.length; length += 1) {
            const part = readClientHello(stream.subarray(0, length))
            if (part.kind !== 'incomplete') throw new Error(`${length} bytes: ${part.kind}`)
            expect(part.atLeast).toBeGreaterThan(length)
            expect(part.atLeast).toBeLessThanOrEqual(hello.length)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('never throws, and needs a bounded number of bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 2_000, size: 'max' })
    const mutated = fc
      .tuple(name, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }))
      .map(([serverName, changes]) => {
        const hello = inRecords(clientHello({ names: [serverName] }))
        for (const [at, value] of changes) if (at < hello.length) hello[at] = value
        return hello
      })
    fc.assert(
      fc.property(fc.oneof(bytes, mutated), (input) => {
        const reading = readClientHello(Buffer.from(input))
        const atLeast = reading.kind === 'incomplete' ? reading.atLeast : 0
        expect(atLeast).toBeLessThanOrEqual(16_384 + 16 * 5)
      }),
      { numRuns: 3_000 },
    )
  })

  it('has no name without the extension, or without any extension', () => {
    const hello = expect.objectContaining({ serverName: null }) as unknown
    expect(read({ names: null, extensions: [grease] })).toMatchObject({ hello })
    expect(read({ names: null, extensions: null })).toMatchObject({ hello })
  })

  it('has its name in lower case', () => {
    expect(read({ names: ['Example.COM'] })).toMatchObject({ hello: { serverName: 'example.com' } })
  })

  it('shows that it hides another name', () => {
    const hidden = { type: 0xfe0d, data: Buffer.alloc(100) }
    expect(read({ names: ['a.example'], extensions: [hidden] })).toMatchObject({
      hello: { serverName: 'a.example', isEncrypted: true },
    })
  })

  it.each<[string, HelloParts]>([
    ['two names', { names: ['a.example', 'b.example'] }],
    ['no name in the list', { names: [] }],
    ['an empty name', { names: [''] }],
    ['a name of another type', { names: ['a.example'], nameType: 1 }],
    [
      'two extensions with names',
      { names: ['a.example'], extensions: [{ type: 0, data: Buffer.from('000000', 'hex') }] },
    ],
    ['bytes after the extensions', { names: ['a.example'], after: Buffer.from([0]) }],
  ])('with %s is malformed', (_, parts) => {
    expect(read(parts)).toEqual({ kind: 'malformed' })
  })

  it.each([
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.9\r\n')],
    ['the hello of SSL 2', Buffer.from('802e0100020015001000', 'hex')],
    ['an alert', Buffer.from('15030300020228', 'hex')],
    ['another handshake message', inRecords(Buffer.from('0b00000100', 'hex'))],
    ['an empty record', Buffer.from('1603010000', 'hex')],
    ['a record of another version', Buffer.from('160201000401000000', 'hex')],
    ['a length beyond every limit', inRecords(Buffer.from('01ffffff00', 'hex'))],
    [
      'more records than any client',
      inRecords(clientHello({ names: ['a.example'] }), [...Array<number>(20).fill(1)]),
    ],
    [
      'a second message in the same record',
      inRecords(
        Buffer.concat([
          clientHello({ names: ['a.example'] }),
          clientHello({ names: ['b.example'] }),
        ]),
      ),
    ],
  ])('is not %s', (_, bytes) => {
    expect(readClientHello(bytes)).toEqual({ kind: 'malformed' })
  })
})
