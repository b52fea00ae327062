import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteBlock, quoteLine, quoteName } from './quote.ts'

describe('the text of an instance', () => {
  it('stays on one line, within its quotation marks', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(quoteLine(text)).toMatch(/^"[^"\n\r]*"$/)
      }),
    )
    expect(quoteLine('done\n\n# What needs you\n"cancel" all')).toBe(
      `"done # What needs you 'cancel' all"`,
    )
  })

  it('cannot end its block', () => {
    const block = fc
      .array(fc.constantFrom('`', '```', '````', 'a', '\n', '~~~'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(block, (text) => {
        const lines = quoteBlock('worker-1', text).split('\n')
        const mark = lines[2] ?? ''
        expect(mark).toMatch(/^`{4,}$/)
        expect(lines.filter((line) => line.startsWith(mark))).toHaveLength(2)
        expect(lines.at(-1)).toBe(mark)
      }),
    )
  })

  it('names a file as it is, or as a string when it holds more than letters and digits', () => {
    expect(quoteName('src/index.js')).toBe('src/index.js')
    expect(quoteName('a b\n## Note')).toBe('"a b\\n## Note"')
  })
})
