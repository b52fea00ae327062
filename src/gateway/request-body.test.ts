import { describe, expect, it } from 'vitest'
import { readRequest } from './request-body.ts'

const read = (text: string) => readRequest({ chunks: [Buffer.from(text)], bytes: text.length })
const sent = (text: string): string => Buffer.concat(read(text).body.chunks).toString()

describe('a request to the model', () => {
  it('is sent byte for byte as Claude Code writes it', () => {
    const text = JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: 'ü "quoted" \\ \u2028 1e21 😀 [{,' }],
      max_tokens: 128_000,
      temperature: 0.1,
    })
    expect(sent(text)).toBe(text)
    expect(read(text).model).toBe('m')
  })

  it('is sent as it was checked when it names a key twice', () => {
    expect(sent('{"model":"cheap","tools":[{"type":"x"}],"model":"dear","tools":[]}')).toBe(
      '{"model":"dear","tools":[]}',
    )
  })

  it.each([
    ['is no JSON', 'x'],
    ['is no object', '[]'],
    ['names no model', '{}'],
    ['names a model that is no text', '{"model":{"a":1}}'],
    ['is nothing but brackets', `{"model":"m","a":[${'[],'.repeat(400_000)}0]}`],
    [
      'is nested beyond all reason',
      `{"model":"m","a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
    ],
    ['is compressed', Buffer.from([0x1f, 0x8b, 8, 0]).toString('latin1')],
  ])('that %s is refused', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ statusCode: 400 }))
  })

  it('may hold much text with brackets and escaped quotes', () => {
    const content = '\\"[{,'.repeat(500_000)
    expect(read(JSON.stringify({ model: 'm', content })).model).toBe('m')
  })
})
