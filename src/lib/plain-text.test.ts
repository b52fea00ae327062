import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainText } from './plain-text.ts'

describe('plain text', () => {
  it.each([
    ['NUL', 'a\u0000b', 'ab'],
    ['ESC and what follows it in C1', '\u001b]52;c;x\u0007\u009b31m', ']52;c;x31m'],
    ['a changed direction of writing', 'a\u202eb\u2066c\u200f', 'abc'],
    ['tags', `a${String.fromCodePoint(0xe0041)}b`, 'ab'],
    ['foreign ends of lines', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
    ['half a character', 'a\ud800', 'a\ufffd'],
  ])('leaves out %s', (_name, text, plain) => expect(plainText(text)).toBe(plain))

  it('keeps every other text, and is the same again', () => {
    expect(plainText('Grüße, 漢字, שלום, 👩‍💻\n\tend')).toBe('Grüße, 漢字, שלום, 👩‍💻\n\tend')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(plainText(text))).toBe(plainText(text))
        expect(plainText(text)).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u)
      }),
    )
  })
})
