import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TaskId } from '../model/ids.ts'
import { mergeMessage } from './merge-message.ts'

const messageOf = (summary: string, title = 'Build it') =>
  mergeMessage({ id: TaskId('a'), title, summary }, 'worker-1')

describe('the message of a merge', () => {
  it('has a title, what the worker reported, and the trailers of the server', () => {
    expect(messageOf('Added a.\n\nAnd tests.')).toBe(
      'a: Build it\n\n  Added a.\n\n  And tests.\n\nTask: a\nInstance: worker-1\n',
    )
    expect(messageOf('')).toBe('a: Build it\n\nTask: a\nInstance: worker-1\n')
  })

  it('gets no line of its own from a model', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', ':', ' ', '#') }), (text) => {
        const [title, ...rest] = messageOf(text, text).trimEnd().split('\n')
        expect(title).toMatch(/^a: /)
        const own = rest.filter((line) => line !== '' && !line.startsWith('  '))
        expect(own).toEqual(['Task: a', 'Instance: worker-1'])
      }),
    )
  })

  it.each([
    ['[skip ci]', '(skip ci)'],
    ['[ci skip] and [no ci]', '(ci skip) and (no ci)'],
    ['[skip actions] [actions skip]', '(skip actions) (actions skip)'],
    ['[skip azurepipelines]', '(skip azurepipelines)'],
    ['***NO_CI***', 'NO_CI'],
    ['skip-checks: true', 'skip checks true'],
    ['Closes #1', 'Closes  no. 1'],
    ['fixes: GH-12', 'fixes:  no. 12'],
    ['Resolves octo/hub#7', 'Resolves octo/hub no. 7'],
    ['fixed https://example.com/o/r/issues/1', 'fixed example.com/o/r/issues/1'],
  ])('gives a forge no order: %s', (words, harmless) => {
    expect(messageOf(words)).toContain(`  ${harmless}\n`)
    expect(messageOf('', words).split('\n')[0]).toBe(`a: ${harmless.replaceAll(/\s+/g, ' ')}`)
  })

  it('keeps what is harmless', () => {
    const text = 'Parses [a, b], see #12; skips nothing. `[x] no` stays.'
    expect(messageOf(text)).toContain(text)
  })
})
