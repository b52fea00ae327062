import { describe, expect, it } from 'vitest'
import { roleNames } from '../../src/core/model/roles.ts'
import { programFile, readSources } from './sources.ts'

const name = `'(?:${roleNames.join('|')})'`
const comparison = new RegExp(
  [
    String.raw`\brole\s*[!=]==\s*${name}`,
    String.raw`${name}\s*[!=]==\s*[\w.()]*\brole\b`,
    String.raw`\bswitch \([\w.()]*\brole\)`,
    String.raw`\bis(?:Manager|Worker|Reviewer)\b`,
  ].join('|'),
)

/** The scripted model guesses from a request who asked. That includes callers without a role. */
const askers = 'src/rehearsal/players/answer-as.ts'

const comparisonsIn = (text: string): readonly number[] =>
  text.split('\n').flatMap((line, index) => (comparison.test(line) ? [index + 1] : []))

describe('what a role may do', () => {
  it('is looked up in a table by role, and compared with a name nowhere', () => {
    const found = readSources('src', programFile)
      .filter(({ path }) => path !== askers)
      .flatMap(({ path, text }) => comparisonsIn(text).map((line) => `${path}:${line}`))
    expect(found).toEqual([])
  })

  it.each([
    "if (instance.role === 'manager') return",
    "const idle = team.filter(({ role }) => role !== 'worker')",
    "if ('reviewer' === order.role) return",
    'switch (instance.role) {',
    'const { isManager } = occasion',
  ])('would be found: %s', (line) => {
    expect(comparisonsIn(line)).toEqual([1])
  })

  it.each([
    "const said = messages.find(({ role }) => role === 'user')",
    'if (role === refusal.role) return',
    "task({ by: 'manager' })",
    'isManagerNeeded(state)',
  ])('is not mistaken for: %s', (line) => {
    expect(comparisonsIn(line)).toEqual([])
  })
})
