import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainJson } from './plain-json.ts'
import { plainText } from './plain-text.ts'

const parsed = (value: unknown): unknown => JSON.parse(plainJson(JSON.stringify(value)))

describe('plain JSON', () => {
  it('leaves out what is hidden in texts and names, at any depth', () => {
    expect(parsed({ 'a\u009b': [{ b: 'c\u001b[31m\u202ed' }, 1, null, true] })).toEqual({
      a: [{ b: 'c[31md' }, 1, null, true],
    })
  })

  it('is the same text where nothing is hidden', () => {
    const json = JSON.stringify({ a: 'Grüße, 漢字, שלום, 👩‍💻\n\tend "quoted" \\u009b' })
    expect(plainJson(json)).toBe(json)
  })

  it('has of every text what plain text has of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parsed([text])).toEqual([plainText(text)])
      }),
    )
    const changed = Array.from({ length: 0xe0080 }, (_, code) => String.fromCodePoint(code))
      .filter((text) => plainText(text) !== text)
      .filter((text) => plainJson(JSON.stringify([text])) !== JSON.stringify([plainText(text)]))
    expect(changed).toEqual([])
  })
})
