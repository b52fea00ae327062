import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutants, objectionTo } from '../mutants/list.ts'
import { root } from './sources.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the list of mutants', () => {
  it('fits the sources: each change has one place, and each test is in its file', () => {
    const objections = mutants.map((mutant) => [mutant.name, objectionTo(mutant, read)])
    expect(objections.filter(([, objection]) => objection !== null)).toEqual([])
  })

  it('names every mutant differently', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })

  it.each([
    ['is gone', 'b', 'its text occurs 0 times in p.ts'],
    ['is there twice', 'a a', 'its text occurs 2 times in p.ts'],
    ['has lost its test', 'a', 'its test occurs 0 times in p.test.ts'],
  ])('is refused when the text of a mutant %s', (_, text, objection) => {
    const killedBy = { project: 'unit', file: 'p.test.ts', test: 'works' } as const
    const mutant = { name: 'm', file: 'p.ts', find: 'a', replace: 'b', killedBy }
    expect(objectionTo(mutant, (file) => (file === 'p.ts' ? text : ''))).toBe(objection)
  })
})
