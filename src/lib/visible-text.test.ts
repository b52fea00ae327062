import { describe, expect, it } from 'vitest'
import { visibleText } from './visible-text.ts'

describe('visible text', () => {
  it.each([
    ['run: \u001b[2K\u001b[1Aecho', 'run: <U+001B>[2K<U+001B>[1Aecho'],
    ['a\r\nb\tc', 'a<U+000D>\nb\tc'],
    ['\u202eevil\u202c', '<U+202E>evil<U+202C>'],
    ['C1 \u009b31m', 'C1 <U+009B>31m'],
    ['zero\u200bwidth \u{e0041}tag \u3164filler', 'zero<U+200B>width <U+E0041>tag <U+3164>filler'],
    ['Grüße, 漢字', 'Grüße, 漢字'],
  ])('shows what %j hides', (text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })
})
