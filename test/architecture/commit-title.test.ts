import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { objectionTo } from './commit-title.ts'
import { root } from './sources.ts'

/** Titles up to this commit are not checked. */
const last = 'db478372abb2969afdf0fbe0d6ebf8e81a6e893d'

const git = (...words: readonly string[]) =>
  spawnSync('git', words, { cwd: root, encoding: 'utf8' })
const isKnown = git('merge-base', '--is-ancestor', last, 'HEAD').status === 0

describe('the commit titles', () => {
  it.skipIf(!isKnown)('have the form "area: verb …"', () => {
    const { stdout } = git('log', '--no-merges', '--format=%h %s', `${last}..HEAD`)
    const objections = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line, objectionTo(line.slice(line.indexOf(' ') + 1))] as const)
      .filter(([, objection]) => objection !== null)
    expect(objections.map(([line, objection]) => `${line}: ${objection}`)).toEqual([])
  })
})

describe('a commit title', () => {
  it.each([
    'core: rest before restarting a worker',
    'docs: say how to read a journal',
    'adapters/git: pass the signal to every command',
    'core, engine: move the deadline into the phase',
    'http: process hooks in order',
    'all: format at 100 columns',
  ])('is accepted: %s', (title) => {
    expect(objectionTo(title)).toBeNull()
  })

  it.each([
    ['rest before restarting', 'area'],
    ['Core: rest before restarting', 'area'],
    ['core: Rest before restarting', 'lower case'],
    ['core: the second reminder begins a turn', '"the"'],
    ['test: what leaves half of two cores idle runs in twos', '"what"'],
    ['server: compiled code is kept', '"compiled"'],
    ['core: fixes the reminder', '"fixes"'],
    ['core: fixing the reminder', '"fixing"'],
    ['core: is faster', '"is"'],
    ['core: fix the reminder.', 'full stop'],
    [`core: rest ${'long '.repeat(12)}`, '71 characters'],
  ])('is refused: %s', (title, reason) => {
    expect(objectionTo(title)).toContain(reason)
  })
})
